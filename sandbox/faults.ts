/**
 * Faults: the one list through which a sandbox server is told to misbehave.
 *
 * A test pushes a {@link Fault} onto the server's list; the first fault that matches a request and still has
 * `times` left is applied. What each fault does is a row in {@link FaultAction}: later work adds rows, not switches.
 */

/** Which requests a fault applies to. Everything that is given must hold. */
export interface FaultMatch {
  /** A string must be equal. */
  method?: string | RegExp
  /** Compared with the path without its query string; a string must be equal. */
  path?: string | RegExp
  /** Compared with the request body as text. */
  body?: RegExp
  /** Lets this many matching requests pass before the first one is hit. */
  skip?: number
}

/** What happens instead of, or to, the faithful answer. */
export type FaultAction =
  /** Answer with this status at once; the request is not processed. An object body is sent as JSON, a string as is. */
  | { kind: 'respond'; status: number; body?: unknown; headers?: Record<string, string> }
  /** Drop the connection before any byte of the answer; the request is not processed. */
  | { kind: 'reset' }
  /** Process the request, then drop the connection: the write happened, its answer is lost. */
  | { kind: 'lose-answer' }
  /** Process the request and send this many bytes of the answer, then drop the connection. */
  | { kind: 'cut-body'; afterBytes: number }
  /** Wait before the faithful answer. */
  | { kind: 'delay'; milliseconds: number }
  /** Wait until something has happened, then answer faithfully: steps one run against another. */
  | { kind: 'hold'; until: () => Promise<unknown> }
  /** Change the faithful JSON answer before it is sent. */
  | { kind: 'rewrite'; rewrite: (body: unknown) => unknown; status?: number; headers?: Record<string, string> }
  /** Send this many bytes of the answer, and then nothing, for ever. */
  | { kind: 'stall'; afterBytes: number }
  /** Send the answer a byte at a time. */
  | { kind: 'trickle'; everyMs: number }

export interface Fault {
  match: FaultMatch
  /** How many requests are hit; `Infinity` for all. */
  times: number
  fault: FaultAction
}

/** A request as the sandbox saw it, kept so that tests can count and inspect. */
export interface RecordedRequest {
  /** Milliseconds since the server started, from a monotonic clock. */
  at: number
  method: string
  path: string
  query: URLSearchParams
  headers: Record<string, string | string[] | undefined>
  /** The body as text; large bodies are kept whole. */
  body: string
  /** The status that was answered; 0 when the connection was dropped. */
  status: number
}

/** Takes the first fault that matches, using up one of its `times` (or one of its `skip`). */
export function takeFault(
  faults: Fault[],
  request: { method: string; path: string; body: string },
): FaultAction | undefined {
  for (const fault of faults) {
    if (fault.times <= 0 || !matches(fault.match, request)) continue
    if (fault.match.skip !== undefined && fault.match.skip > 0) {
      fault.match.skip -= 1
      continue
    }
    fault.times -= 1
    return fault.fault
  }
  return undefined
}

function matches(match: FaultMatch, request: { method: string; path: string; body: string }): boolean {
  if (!isMatch(match.method, request.method) || !isMatch(match.path, request.path)) return false
  return match.body === undefined || match.body.test(request.body)
}

function isMatch(wanted: string | RegExp | undefined, text: string): boolean {
  return wanted instanceof RegExp ? wanted.test(text) : wanted === undefined || wanted === text
}
