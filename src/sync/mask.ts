/** Masks what looks secret in a copy of data that leaves for a place where people look at it. */

const MASK = '[masked]'

/** Members whose values are secret by their name. */
const SECRET_NAME =
  /pass(word|phrase|wd)|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|credential|authorization/i

/** Texts that are secret by their form: those of common token formats, and key blocks. */
const SECRET_FORMS: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, // JSON Web Token
  /\b(AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b/g, // AWS access key id
  /\bgh[pousr]_[A-Za-z0-9]{30,}\b|\bgithub_pat_\w{40,}\b/g, // GitHub
  /\bglpat-[\w-]{20,}\b/g, // GitLab
  /\bxox[abeoprs]-[\w-]{10,}\b/g, // Slack
  /\bAIza[\w-]{35}\b/g, // Google API key
  /\b[sr]k_(live|test)_\w{16,}\b/g, // Stripe
  /\b(Bearer|Basic) [\w.~+/=-]{12,}/gi, // Authorization headers
  /(?<=:\/\/)[^\s/:@]+:[^\s/@]+(?=@)/g, // user and password in a URL
]

/**
 * @param value JSON
 * @param known secrets of this run
 * @returns a copy of it; the value itself stays as it is
 */
export function maskSecrets(value: unknown, known: readonly string[]): unknown {
  if (typeof value === 'string') return maskText(value, known)
  if (Array.isArray(value)) return value.map(item => maskSecrets(item, known))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      SECRET_NAME.test(name) && isLeaf(member) ? MASK : maskSecrets(member, known),
    ]),
  )
}

function maskText(text: string, known: readonly string[]): string {
  const masked = known.reduce((left, secret) => (secret === '' ? left : left.replaceAll(secret, MASK)), text)
  return SECRET_FORMS.reduce((left, form) => left.replace(form, MASK), masked)
}

function isLeaf(value: unknown): boolean {
  return (typeof value === 'string' && value !== '') || typeof value === 'number'
}
