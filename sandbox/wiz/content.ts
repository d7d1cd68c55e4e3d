/** What stands in the fields of a tenant: ordinary content, and what real tenants have that breaks naive exporters. */

export const RESOURCE_NAMES = [
  'payments-api-prod',
  'Überweisungs-Dienst 💳',
  'خادم-الإنتاج',
  '本番データベース',
  '::set-output name=created::9999',
  'web ##[error]front',
  '<script>alert("x")</script>',
  '</td></table><img src=//evil.example/x onerror=alert(1)>',
  '[click](javascript:alert(1)) ![img](https://evil.example/p.png)',
  '@everyone see #123 `rm -rf` | a | b |',
  'line one\nline two\r\n::stop-commands::x',
  `${'long-'.repeat(120)}name`,
  'invoice\u202egnp.exe',
  '"quoted" and \'quoted\' and \\ back',
  '$(id) =cmd|calc',
  'trailing blanks  ',
] as const

export const RESOURCE_TYPES = [
  'VIRTUAL_MACHINE',
  'BUCKET',
  'CONTAINER_IMAGE',
  'DATA_FINDING',
  'SECURITY_TOOL_FINDING',
  'SERVERLESS',
  'A_TYPE_OF_TOMORROW',
] as const

export const CLOUD_PLATFORMS = ['AWS', 'Azure', 'GCP', 'Kubernetes', null] as const
export const REGIONS = ['us-east-1', 'eu-central-1', '', 'global'] as const

export const RULE_NAMES = [
  'Publicly exposed resource with sensitive data ',
  'Kubernetes workload runs as root',
  'Machine with a critical vulnerability is reachable from the internet',
  'Ungewöhnliche Anmeldung 🌍',
  'Rule with | pipes and <b>markup</b>',
  'Rule\nover two lines',
] as const

export const LONG_TEXT = `### What this means\n${'An attacker who reaches this resource can read what it holds. '.repeat(60)}\n* [runbook](https://example.com/runbook)\n`

/** Of every form that was seen: Slack threads with slashes, keys with hashes, blanks, plain keys. */
export const TICKET_IDS = [
  (n: number) => `slackThread/T0SYNK/C0${n}/17670375${n}.607709`,
  (n: number) => `data##wizt-custom${n}##ja63-kx0z`,
  (n: number) => `SEC-${n}`,
  (n: number) => `ticket ${n} (copy)`,
  (n: number) => `INC%00${n}|x`,
] as const

export const TAGS: readonly (Record<string, string> | null)[] = [
  {},
  null,
  { env: 'prod', team: 'payments' },
  // Written as JSON, because in a literal this key would set the prototype.
  JSON.parse('{"__proto__":"odd","constructor":"odd","a.b":"dot","":"empty key","with space":"ü"}'),
]

/** 0 to 9 digits, all of which Wiz has been seen to send. */
export const FRACTIONS = [
  '',
  '.1',
  '.12',
  '.123',
  '.1234',
  '.12345',
  '.681576',
  '.9937437',
  '.12345678',
  '.123456789',
] as const
