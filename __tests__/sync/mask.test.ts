import { expect, it } from 'vitest'
import { maskSecrets } from '../../src/sync/mask.ts'

const MASK = '[masked]'
const redact = (text: string) => text.replaceAll('run-9f3a1c', MASK)

const cases: [what: string, value: unknown, masked: unknown][] = [
  ['by its name', { dbPassword: 'x', n: { apiKey: 7 } }, { dbPassword: MASK, n: { apiKey: MASK } }],
  ['below its name', { passwords: ['a', { b: 'c' }], other: 1 }, { passwords: [MASK, { b: MASK }], other: 1 }],
  ['beside its name', [{ key: 'db_password', value: 'x' }], [{ key: 'db_password', value: MASK }]],
  ['named in a text', 'root password: hunter2, port 5432', `root password: ${MASK}, port 5432`],
  ['named in JSON in a text', '{"apiKey": "abc def"}', `{"apiKey": ${MASK}}`],
  ['by its form', 'see ghp_0123456789abcdefghijklmnopqrstuvwxyz here', `see ${MASK} here`],
  ['in a URL', 'https://me:pw@host/', `https://${MASK}@host/`],
  ['of this run', 'a run-9f3a1c b', `a ${MASK} b`],
  ['of this run in a name', { 'run-9f3a1c': 1 }, { [MASK]: 1 }],
]

it.each(cases)('a secret is masked %s', (_, value, masked) => {
  const before = structuredClone(value)
  expect(maskSecrets(value, redact)).toEqual(masked)
  expect(value).toEqual(before)
})

it('what is not secret stays, nulls and empty texts too', () => {
  const value = { name: 'Public bucket', tags: { env: 'prod', token: '', secret: null }, ok: true, n: 1 }
  expect(maskSecrets(value, redact)).toEqual(value)
})
