/** What the sandbox's Port holds. */

export type Json = Record<string, unknown>

export interface RelationDefinition {
  target: string
  many?: boolean
  required?: boolean
}

export interface Blueprint extends Json {
  identifier: string
  title: string
  schema: { properties: Record<string, Json & { type: string }>; required?: string[] }
  relations: Record<string, RelationDefinition>
}

export interface StoredEntity {
  identifier: string
  blueprint: string
  title: string | null
  icon: string | null
  team: string[]
  properties: Json
  relations: Record<string, string | string[] | null>
  /** The User-Agent of whoever wrote it last. */
  datasource: string
  createdAt: string
  updatedAt: string
}

/** A refusal, in Port's envelope. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

export function notFound(what: string): ApiError {
  return new ApiError(404, 'not_found', what)
}

export function invalid(message: string, code = 'invalid_request'): ApiError {
  return new ApiError(422, code, message)
}
