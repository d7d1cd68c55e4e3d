/** Reads what a live event is about. A payload is data from outside: nothing of it is used but ids. */
import type { SourceName } from './wiz/kinds.ts'

export interface LiveEvent {
  source: SourceName
  /** What Wiz is asked for; each once. */
  ids: readonly string[]
}

/** As many as one question to Wiz takes for every kind. */
export const MAX_EVENT_IDS = 100
/** Wiz's ids are UUIDs; what is not a plain word is a template that nobody has filled, or an attack. */
const ID = /^[\w-]{1,100}$/

const FORMS: Readonly<Record<string, { source: SourceName; many: boolean }>> = {
  issue: { source: 'issues', many: false },
  issues: { source: 'issues', many: true },
  project: { source: 'projects', many: false },
  projects: { source: 'projects', many: true },
}

const EXPECTED = `expected {"issue": {"id": "…"}}, {"issues": ["…"]} with up to ${MAX_EVENT_IDS} ids, {"project": {"id": "…"}}, {"projects": ["…"]}, or Wiz's default webhook body under one key`

/**
 * @param payload the `client_payload` of a repository_dispatch
 * @returns the event, or what is wrong with the payload, as a clause
 */
export function readLiveEvent(payload: unknown): LiveEvent | string {
  if (!isObject(payload)) return `there is none; ${EXPECTED}`
  const direct = Object.keys(payload).filter(key => Object.hasOwn(FORMS, key))
  if (direct.length > 1) return `it names ${direct.join(' and ')}; ${EXPECTED}`
  const [form] = direct
  if (form !== undefined) return readForm(form, payload[form])
  // Wiz's default webhook body has the issue among other things, and GitHub takes it under a key of its own.
  const [only, ...others] = Object.values(payload)
  if (others.length === 0 && isObject(only) && Object.hasOwn(only, 'issue')) return readForm('issue', only.issue)
  return `it names no issue and no project; ${EXPECTED}`
}

function readForm(form: string, value: unknown): LiveEvent | string {
  const { source = 'issues', many = false } = FORMS[form] ?? {}
  const ids = many ? value : [isObject(value) ? value.id : undefined]
  if (!Array.isArray(ids)) return `its ${form} are not a list; ${EXPECTED}`
  if (ids.length === 0 || ids.length > MAX_EVENT_IDS) return `its ${form} are ${ids.length} ids; ${EXPECTED}`
  const wrong = ids.find(id => typeof id !== 'string' || !ID.test(id))
  if (wrong !== undefined || ids.includes(undefined)) {
    return `${JSON.stringify(wrong ?? null).slice(0, 100)} is not the id of ${source === 'issues' ? 'an issue' : 'a project'}; ${EXPECTED}. Is the body template of the automation rule filled as it should be?`
  }
  return { source, ids: [...new Set(ids as string[])] }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
