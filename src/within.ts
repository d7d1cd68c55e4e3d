/** Where paths lead to: a repository may hold links, and whoever changes it must not reach out of it by them. */
import { existsSync, readlinkSync, realpathSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path'

/** What is said of a file that is not read. */
export const LEADS_OUT = 'a link that leads out of the repository; expected a file in it.'

/** As Linux has it; links that lead in a circle end here. */
const MOST_LINKS = 40

/** Whether a path is inside of a folder once all links are followed; of a path that does not exist, its part that does. */
export function isWithin(path: string, folder: string): boolean {
  const way = relative(follow(folder), follow(path))
  return way === '' || (!isAbsolute(way) && way.split(/[\\/]/)[0] !== '..')
}

/** Also of a link that leads to nothing: whoever writes to it makes what it leads to. */
function follow(path: string, links = 0): string {
  if (existsSync(path)) return realpathSync(path)
  const target = links < MOST_LINKS ? targetOf(path) : undefined
  if (target !== undefined) return follow(resolve(dirname(path), target), links + 1)
  const parent = dirname(path)
  return parent === path ? path : join(follow(parent, links), basename(path))
}

/** Undefined for what is no link, or not there at all. */
function targetOf(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}
