/** Reads the values of inputs: each one says what is wrong with it, and goes on with something harmless. */
import { isIP } from 'node:net'
import * as core from '@actions/core'

/** Takes in what is wrong with an input, as a clause. */
export type InputProblem = (input: string, message: string) => void

export function url(text: string, input: string, problem: InputProblem): string {
  const expected = 'expected an https URL without user or password'
  // The value is never repeated: it may be a secret that was put into the wrong input, or carry a password.
  if (!URL.canParse(text)) {
    problem(input, `it is not a URL; ${expected}`)
    return text
  }
  const parsed = new URL(text)
  const { protocol, hostname, username, password } = parsed
  const loopback = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname)
  const secure = protocol === 'https:' || (protocol === 'http:' && loopback)
  if (!secure || username !== '' || password !== '') problem(input, expected)
  // An address is nobody's name: neither service has one, and a runner's network has some that must not be asked.
  else if (!loopback && isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) problem(input, `${expected}, with a host name`)
  return text.replace(/\/+$/, '')
}

/** Wiz shows the endpoint with and without its path. */
export function graphqlUrl(text: string, problem: InputProblem): string {
  if (text === '') {
    problem(
      'wiz-api-url',
      'missing; expected https://api.<data centre>.app.wiz.io/graphql, from Wiz > User Settings > Tenant',
    )
    return text
  }
  const clean = url(text, 'wiz-api-url', problem)
  return clean.endsWith('/graphql') ? clean : `${clean}/graphql`
}

export function slug(text: string, problem: InputProblem): string {
  if (!/^[a-z0-9][a-z0-9-]{0,49}$/.test(text)) {
    problem('installation-id', `"${text}" is not a slug; expected up to 50 lower-case letters, digits and dashes`)
  }
  return text
}

export function boolean(input: string, otherwise: boolean, problem: InputProblem): boolean {
  const text = core.getInput(input).toLowerCase()
  if (text === '') return otherwise
  if (text !== 'true' && text !== 'false') problem(input, `"${text}" is not a boolean; expected true or false`)
  return text === 'true'
}

export function number<T extends number | undefined>(
  input: string,
  otherwise: T,
  [least, most]: [number, number],
  problem: InputProblem,
): number | T {
  const text = core.getInput(input)
  if (text === '') return otherwise
  const value = Number(text)
  if (!Number.isFinite(value) || value < least || value > most) {
    problem(input, `"${text}" is not a number from ${least} to ${most}`)
  }
  return value
}

export function choice<T extends string>(input: string, options: readonly T[], otherwise: T, problem: InputProblem): T {
  const text = core.getInput(input)
  if (text === '') return otherwise
  const found = options.find(option => option === text)
  if (found === undefined) problem(input, `"${text}" is not known; expected ${options.join(' or ')}`)
  return found ?? otherwise
}
