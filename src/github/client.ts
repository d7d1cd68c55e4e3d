/** What is asked of GitHub: the mapping of the base branch, and one comment on the pull request. */
import { getOctokit } from '@actions/github'
import { messageOf, ServiceError } from '../errors.ts'

export interface PullRequest {
  owner: string
  repo: string
  number: number
  /** The commit that the change is held against. */
  baseSha: string
}

export interface GithubOptions {
  token: string
  /** Such as `https://api.github.com`. */
  baseUrl: string
  pull: PullRequest
  /** Ends what is asked. */
  signal: AbortSignal
}

/** For each request: what GitHub tells is worth a line in a report, not a run that hangs. */
const TIMEOUT_MS = 30_000

export interface GithubClient {
  /**
   * The text of a file on the base branch; undefined where it has none.
   *
   * @throws {ServiceError} when GitHub does not give it
   */
  readBase(path: string): Promise<string | undefined>
  /**
   * Keeps one comment up to date: the one of ours that has the marker in it, on whatever page it is. One that may not be
   * changed is not ours.
   *
   * @param body as Markdown, with the marker in it; undefined to leave a pull request without a comment alone
   * @throws {ServiceError} when GitHub refuses it
   */
  keepComment(marker: string, body: string, create: boolean): Promise<'created' | 'updated' | 'none'>
}

export function createGithubClient({ token, baseUrl, pull, signal }: GithubOptions): GithubClient {
  const { rest, paginate, hook } = getOctokit(token, { baseUrl })
  hook.before('request', options => {
    options.request.signal = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
  })
  const { owner, repo } = pull

  /** Undefined where a token may not ask who it is: a workflow's, and that of a GitHub App. */
  async function author(): Promise<string | undefined> {
    try {
      const { data } = await rest.users.getAuthenticated()
      return data.login
    } catch {
      return undefined
    }
  }

  async function findComments(marker: string): Promise<number[]> {
    const login = await author()
    const issue = { owner, repo, issue_number: pull.number, per_page: 100 }
    const found: number[] = []
    for await (const { data } of paginate.iterator(rest.issues.listComments, issue)) {
      for (const { id, body, user } of data) {
        // Only apps have tokens that may not ask, and people quote each other, with the marker too.
        const ours = login === undefined ? user?.type === 'Bot' : user?.login === login
        if (ours && body?.includes(marker)) found.push(id)
      }
    }
    return found
  }

  /** Whether it could be updated. */
  async function update(comment: number, body: string): Promise<boolean> {
    try {
      await rest.issues.updateComment({ owner, repo, comment_id: comment, body })
      return true
    } catch (error) {
      if (statusOf(error) === 403) return false
      throw error
    }
  }

  return {
    async readBase(path) {
      try {
        const { data } = await rest.repos.getContent({
          owner,
          repo,
          path,
          ref: pull.baseSha,
          mediaType: { format: 'raw' },
        })
        // With this media type the answer is the file itself.
        return String(data)
      } catch (error) {
        if (statusOf(error) === 404) return undefined
        throw explain(error)
      }
    },
    async keepComment(marker, body, create) {
      try {
        for (const comment of await findComments(marker)) {
          if (await update(comment, body)) return 'updated'
        }
        if (!create) return 'none'
        await rest.issues.createComment({ owner, repo, issue_number: pull.number, body })
        return 'created'
      } catch (error) {
        throw explain(error)
      }
    },
  }
}

/** Statuses by which GitHub says that a token may not do something; 404 hides what it may not see. */
const PERMISSION_STATUSES: ReadonlySet<number> = new Set([401, 403, 404])

/** What to do about an answer of GitHub's, as the end of a sentence about it; empty when a permission does not help. */
export function permissionHint({ status }: ServiceError, permission: string): string {
  return PERMISSION_STATUSES.has(status) ? ` The token needs the permission ${permission}.` : ''
}

function statusOf(error: unknown): number {
  return error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : 0
}

function explain(error: unknown): ServiceError {
  const status = statusOf(error)
  // GitHub's own message, without the links that octokit adds.
  const message = messageOf(error).split(' - ')[0] ?? ''
  const what = status === 0 ? 'GitHub did not answer' : `GitHub answered ${status}`
  return new ServiceError(`${what}: ${message}`, status, { cause: error })
}
