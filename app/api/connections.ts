/**
 * The open event streams. Each asks again, every few seconds, whether who opened it may still read, and ends when its
 * token was revoked, its session closed, or a right or project taken from it. Bounded by workspace and in all, so that
 * nobody holds all of the server's sockets.
 */
import type { Actor } from '../../runtime/access/actor.ts'
import { AppError, isAppError } from '../../runtime/error.ts'

const recheckMs = 15_000
const perWorkspace = 200
const inAll = 1_000

export interface Connection {
  /** Aborted when the right to it is gone. */
  signal: AbortSignal
  release(): void
}
export interface Connections {
  /** limit: too many are open. */
  open(actor: Actor, request: Request): Connection
  readonly count: number
}
export interface ConnectionsDeps {
  authenticate(request: Request): Promise<Actor>
  limits?: { perWorkspace?: number; inAll?: number; recheckMs?: number }
}

export function openConnections(deps: ConnectionsDeps): Connections {
  const most = { perWorkspace, inAll, recheckMs, ...deps.limits }
  const open = new Map<string, number>()
  let count = 0

  async function mayStill(actor: Actor, request: Request): Promise<boolean> {
    try {
      const now = await deps.authenticate(request)
      const same = now.workspace === actor.workspace && now.member === actor.member
      return same && now.rights.includes('read') && sameProjects(now.projects, actor.projects)
    } catch (error) {
      // A store that does not answer now says nothing about the token.
      return !isAppError(error, 'unauthorized') && !isAppError(error, 'forbidden')
    }
  }

  return {
    get count() {
      return count
    },
    open(actor, request) {
      const { workspace } = actor
      const mine = open.get(workspace) ?? 0
      if (mine >= most.perWorkspace || count >= most.inAll)
        throw new AppError(
          'limit',
          `${mine >= most.perWorkspace ? most.perWorkspace : most.inAll} event streams are open, the limit. Close some pages or clients.`,
        )
      open.set(workspace, mine + 1)
      count += 1
      const ended = new AbortController()
      const timer = setInterval(() => {
        void mayStill(actor, request).then((may) => {
          if (!may) ended.abort()
        })
      }, most.recheckMs)
      timer.unref()
      let released = false
      return {
        signal: ended.signal,
        release() {
          if (released) return
          released = true
          clearInterval(timer)
          count -= 1
          const left = (open.get(workspace) ?? 1) - 1
          if (left > 0) open.set(workspace, left)
          else open.delete(workspace)
        },
      }
    },
  }
}

function sameProjects(a: string[] | null, b: string[] | null): boolean {
  if (a === null || b === null) return a === b
  return a.length === b.length && a.every((project) => b.includes(project))
}
