/** Masks what looks secret in a copy of data that leaves for a place where people look at it. */

const MASK = '[masked]'

/** Members whose values are secret by their name. */
const SECRET_NAME =
  /pass(word|phrase|wd)|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|credential|authorization/i

/** A secret that a text names: `db password = …`, `"apiKey": "…"`. */
const NAMED_SECRET = new RegExp(
  `((?:${SECRET_NAME.source})\\w{0,40}["']?\\s{0,9}[:=]\\s{0,9})("[^"]*"|'[^']*'|[^\\s"',;]+)`,
  'gi',
)

/** Texts that are secret by their form: those of common token formats, and key blocks. */
const SECRET_FORMS: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\beyJ[\w-]{8,2000}\.[\w-]{8,4000}\.[\w-]*/g, // JSON Web Token
  /\b(AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b/g, // AWS access key id
  /\bgh[pousr]_[A-Za-z0-9]{30,}\b|\bgithub_pat_\w{40,}\b/g, // GitHub
  /\bglpat-[\w-]{20,}\b/g, // GitLab
  /\bxox[abeoprs]-[\w-]{10,}\b/g, // Slack
  /\bAIza[\w-]{35}\b/g, // Google API key
  /\b[sr]k_(live|test)_\w{16,}\b/g, // Stripe
  /\b(Bearer|Basic) [\w.~+/=-]{12,}/gi, // Authorization headers
  /(?<=:\/\/)[^\s/:@]+:[^\s/@]+(?=@)/g, // user and password in a URL
]

/** Takes the secrets of this run out of a text. */
export type Redact = (text: string) => string

/**
 * @param value JSON
 * @returns a copy of it; the value itself stays as it is
 */
export function maskSecrets(value: unknown, redact: Redact): unknown {
  if (typeof value === 'string') return maskText(value, redact)
  if (Array.isArray(value)) return value.map(item => maskSecrets(item, redact))
  if (value === null || typeof value !== 'object') return value
  const pair = isSecretPair(value)
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      redact(name),
      SECRET_NAME.test(name) || (pair && name === 'value') ? maskLeaves(member) : maskSecrets(member, redact),
    ]),
  )
}

/** Everything below a secret name, however deep. */
function maskLeaves(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskLeaves)
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, maskLeaves(member)]))
  }
  return (typeof value === 'string' && value !== '') || typeof value === 'number' ? MASK : value
}

/** `{"key": "db_password", "value": "…"}`: tags come like this from some clouds. */
function isSecretPair(value: object): boolean {
  const { key, name } = value as { key?: unknown; name?: unknown }
  return [key, name].some(one => typeof one === 'string' && SECRET_NAME.test(one))
}

function maskText(text: string, redact: Redact): string {
  const unnamed = redact(text).replace(NAMED_SECRET, `$1${MASK}`)
  return SECRET_FORMS.reduce((left, form) => left.replace(form, MASK), unnamed)
}
