/** The rules that raise a tenant's issues: of all types that are known, and of one that is not. */
import { mix, pick, uuid } from '../random.ts'
import { LONG_TEXT, RULE_NAMES } from './content.ts'
import type { Json, TenantSize } from './generate.ts'

/** Keeps the ids of rules apart from those of other objects. */
const RULE_KIND = 3

const RULE_TYPES = ['Control', 'Control', 'CloudConfigurationRule', 'CloudEventRule', 'HostConfigurationRule'] as const

export function generateRule({ seed }: TenantSize, index: number): Json {
  const type = pick(RULE_TYPES, index)
  const builtIn = index % 3 !== 0
  return {
    __typename: type,
    id: builtIn ? `wc-id-${1000 + index}` : uuid(seed, RULE_KIND, index),
    name: `${pick(RULE_NAMES, mix(seed, index, 20))}${index < 20 ? '' : ` ${index}`}`,
    description: index % 7 === 0 ? '' : index % 5 === 0 ? LONG_TEXT : `Looks for case ${index} in *every* account.`,
    enabled: true,
    risks: null,
    threats: null,
    severity: 'HIGH',
    securitySubCategories: index % 4 === 0 ? null : [subCategory(index)],
    ...(type === 'Control' && { resolutionRecommendation: index % 6 === 0 ? null : `### Fix ${index}` }),
    ...(type === 'CloudConfigurationRule' && { remediationInstructions: `Set option ${index}.`, serviceType: 'AWS' }),
    ...(type === 'CloudEventRule' && { sourceType: index % 2 === 0 ? 'GUARD_DUTY' : null, type: 'CONTEXT_RULE' }),
    ...(type === 'HostConfigurationRule' && { operatingSystem: 'LINUX' }),
  }
}

function subCategory(index: number): Json {
  return {
    id: `wsct-id-${index}`,
    title: `${index % 9}.1 Protect data in transit`,
    category: {
      id: `wct-id-${index % 9}`,
      name: `${index % 9} Data protection`,
      framework: { id: 'wf-id-1', name: 'CIS Controls v8' },
    },
  }
}
