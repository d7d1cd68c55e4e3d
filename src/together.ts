/** Waits for independent work whose failures a person can mend all at once. */
import { ConfigError } from './errors.ts'

/**
 * @returns the results, in order
 * @throws {ConfigError} with the problems of all that failed because of the configuration; any other error goes first
 */
export async function together<T extends unknown[]>(...work: { [K in keyof T]: Promise<T[K]> }): Promise<T> {
  const settled = await Promise.allSettled(work)
  const reasons = settled.flatMap(result => (result.status === 'rejected' ? [result.reason as unknown] : []))
  const other = reasons.find(reason => !(reason instanceof ConfigError))
  if (other !== undefined) throw other
  const problems = reasons.flatMap(reason => (reason instanceof ConfigError ? reason.problems : []))
  if (problems.length > 0) throw new ConfigError(problems)
  return settled.map(result => (result.status === 'fulfilled' ? result.value : undefined)) as T
}
