/**
 * The payloads of Port's Wiz documentation, through the shipped mapping, give the entities that it shows. Where they
 * differ, a mend of the mapping (said in mappings/wiz.yml) or a slip of the documentation is the reason, named here.
 */
import { expect, it } from 'vitest'
import { startWorld } from './harness.ts'

const PROJECT = {
  id: 'd6ac50bb-aec0-52fc-80ab-bacd7b02f178',
  name: 'Project1',
  slug: 'project1',
  isFolder: false,
  archived: false,
  businessUnit: 'Dev',
  description: 'Test project',
  riskProfile: { businessImpact: 'MBI' },
}
const CONTROL = {
  __typename: 'Control',
  id: '9d7ef6e4-baed-47ba-99ec-a78a801f1e19',
  name: 'Publicly Exposed Assets with DataFindings ',
  description: '',
  enabled: true,
  resolutionRecommendation: '',
  securitySubCategories: [
    {
      id: 's',
      title: 'Data Security',
      category: { id: 'c', name: '8 Data Security', framework: { id: 'f', name: 'Wiz' } },
    },
  ],
}
const TICKET = {
  id: 't',
  externalId: 'data##wizt-customID##ja63-kx0z-f27x-mpvl',
  name: 'Security Vulnerability in AWS S3 Bucket',
  url: 'https://api.wiz.com/wiz/service-tickets/data##wizt-customID##ja63-kx0z-f27x-mpvl',
}
const SNAPSHOT = {
  id: '3d7dafdc-0087-55e0-81fd-a9e2b152fb47',
  type: 'DATA_FINDING',
  nativeType: '',
  name: 'GDPR 2415',
  status: null,
  cloudPlatform: null,
  cloudProviderURL: '',
  providerId: 'data##wizt-recEIECHXqlRPMZRw##wfke-jpb8-twwk-l7mm',
  region: '',
  resourceGroupExternalId: '',
  subscriptionExternalId: '',
  subscriptionName: '',
  subscriptionTags: null,
  tags: {},
  createdAt: null,
  externalId: 'data##wizt-recEIECHXqlRPMZRw##wfke-jpb8-twwk-l7mm',
}
const NOTES = ['2023-09-12T08:33:16.29091Z', '2023-09-12T08:22:20.13926Z', '2023-09-12T08:21:49.663314Z'].map(
  (createdAt, index) => ({
    id: `n${index}`,
    createdAt,
    updatedAt: '2023-09-12T08:33:16.366971Z',
    text: 'test',
    user: null,
    serviceAccount: { id: 'sa', name: 'bot-ise' },
  }),
)
const ISSUE = {
  id: 'fffedba9-587f-4251-8c96-d966c183f10c',
  type: 'TOXIC_COMBINATION',
  status: 'RESOLVED',
  severity: 'HIGH',
  url: null,
  createdAt: '2023-08-23T07:56:09.903743Z',
  updatedAt: '2023-09-12T08:33:16.327851Z',
  dueAt: null,
  resolvedAt: '2023-08-30T08:17:54.613564Z',
  statusChangedAt: '2023-08-30T08:17:54.613564Z',
  sourceRules: [CONTROL],
  projects: [PROJECT],
  entitySnapshot: SNAPSHOT,
  serviceTickets: [] as object[],
  notes: NOTES,
}

/** The shipped mapping, for all statuses: the documented issue is resolved. */
async function runDocumented(issue: object) {
  const { readFile } = await import('node:fs/promises')
  const world = await startWorld({ tenant: { projects: 0, issues: 0 } })
  world.tenant.addProject(PROJECT)
  world.tenant.addIssue({ ...issue })
  const shipped = await readFile('mappings/wiz.yml', 'utf8')
  const mapping = shipped.replaceAll(
    /(kind: (?:issue|control|serviceTicket)\n {4}selector:)/g,
    '$1\n      statusList: [OPEN, IN_PROGRESS, RESOLVED, REJECTED]',
  )
  const result = await world.run({}, { files: { '.github/wiz-to-port.yml': mapping } })
  expect(result.exitCode).toBe(0)
  return world.port
}

it('project, control and issue', async () => {
  const port = await runDocumented(ISSUE)
  expect(port.entity('wizProject', PROJECT.id)).toMatchObject({
    title: 'Project1',
    properties: { archived: false, businessUnit: 'Dev', description: 'Test project' },
    relations: {},
  })
  expect(port.entity('wizControl', CONTROL.id)).toMatchObject({
    title: 'Publicly Exposed Assets with DataFindings',
    properties: { controlDescription: '', resolutionRecommendation: '' },
  })
  const { createdAt: _, ...vulnerability } = SNAPSHOT
  expect(port.entity('wizIssue', ISSUE.id)).toMatchObject({
    title: 'GDPR 2415 | DATA_FINDING',
    properties: {
      url: "https://app.wiz.io/issues#~(issue~'fffedba9-587f-4251-8c96-d966c183f10c)",
      status: 'RESOLVED',
      severity: 'HIGH',
      // Documented as "type", which its own blueprint does not have.
      vulnerabilityType: 'TOXIC_COMBINATION',
      vulnerability,
      createdAt: '2023-08-23T07:56:09.903743Z',
      updatedAt: '2023-09-12T08:33:16.327851Z',
      resolvedAt: '2023-08-30T08:17:54.613564Z',
      statusChangedAt: '2023-08-30T08:17:54.613564Z',
    },
    relations: {
      projects: ['d6ac50bb-aec0-52fc-80ab-bacd7b02f178'],
      serviceTickets: [],
      control: '9d7ef6e4-baed-47ba-99ec-a78a801f1e19',
    },
  })
  // Documented as empty, though the payload has three and the mapping takes all.
  expect(port.entity('wizIssue', ISSUE.id)?.properties.notes).toHaveLength(3)
})

it('a service ticket, under an identifier that Port takes, in the ticket and in the relation alike', async () => {
  const second = { ...TICKET, id: 't2', externalId: 'slackThread/T0/C0/17.6', url: '' }
  const port = await runDocumented({ ...ISSUE, serviceTickets: [TICKET, second] })
  const identifier = 'data--wizt-customID--ja63-kx0z-f27x-mpvl'
  expect(port.entity('wizServiceTicket', identifier)).toMatchObject({
    title: 'Security Vulnerability in AWS S3 Bucket',
    properties: { url: TICKET.url },
    relations: {},
  })
  expect(port.entity('wizServiceTicket', 'slackThread/T0/C0/17.6')?.properties).toEqual({})
  expect(port.entity('wizIssue', ISSUE.id)?.relations.serviceTickets).toEqual([identifier, 'slackThread/T0/C0/17.6'])
})

it('what the documented mapping lost: null lists, due dates, texts of cloud rules, links of other clouds', async () => {
  const rules = [
    {
      __typename: 'CloudConfigurationRule',
      id: 'ccr',
      name: 'Cloud rule',
      description: 'Looks at settings',
      enabled: true,
      remediationInstructions: 'Set it',
      securitySubCategories: null,
    },
    {
      __typename: 'HostConfigurationRule',
      id: 'hcr',
      name: 'Host rule',
      description: 'Looks at hosts',
      enabled: true,
      operatingSystem: 'LINUX',
      securitySubCategories: null,
    },
  ]
  const url = "https://app.wiz.us/issues#~(issue~'x)"
  const port = await runDocumented({
    ...ISSUE,
    projects: null,
    serviceTickets: null,
    notes: null,
    sourceRules: rules,
    dueAt: '2026-12-01T00:00:00Z',
    url,
  })
  expect(port.entity('wizControl', 'ccr')?.properties).toEqual({
    controlDescription: 'Looks at settings',
    resolutionRecommendation: 'Set it',
  })
  expect(port.entity('wizControl', 'hcr')).toMatchObject({
    title: 'Host rule',
    properties: { controlDescription: 'Looks at hosts' },
  })
  expect(port.entity('wizIssue', ISSUE.id)).toMatchObject({
    properties: { dueAt: '2026-12-01T00:00:00Z', url },
    relations: { projects: [], serviceTickets: [], control: 'ccr' },
  })
})
