/** Where paths lead to: a repository may hold links, and whoever changes it must not reach out of it by them. */
import { existsSync, realpathSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative } from 'node:path'

/** What is said of a file that is not read. */
export const LEADS_OUT = 'a link that leads out of the repository; expected a file in it.'

/** Whether a path is inside of a folder once all links are followed; of a path that does not exist, its part that does. */
export function isWithin(path: string, folder: string): boolean {
  const way = relative(follow(folder), follow(path))
  return way === '' || (!isAbsolute(way) && way.split(/[\\/]/)[0] !== '..')
}

function follow(path: string): string {
  if (existsSync(path)) return realpathSync(path)
  const parent = dirname(path)
  return parent === path ? path : join(follow(parent), basename(path))
}
