/** Commits of a workspace's deployments on SQLite, seen from the caller. */
import type { Json, JsonObject } from '../../json.ts'
import { toPackedCommit } from '../commit.ts'
import type { CommitStore } from '../log.ts'
import { checkLimit, checkTtl } from '../message.ts'
import { checkKey } from '../document.ts'
import type { DocumentMethods, Thread } from './thread.ts'

export function openSqliteCommits(thread: Thread<DocumentMethods>, workspace: string): CommitStore {
  return {
    async lease(deployment, owner, now, ttlMs) {
      checkTtl(owner, now, ttlMs)
      return thread.call('commitLease', workspace, checkKey(deployment, 'A deployment'), owner, now, ttlMs)
    },
    release: (deployment, lease) => thread.call('commitRelease', workspace, deployment, lease),
    async commit(commit) {
      await thread.call('commit', workspace, toPackedCommit(commit))
    },
    async head(deployment) {
      const found = await thread.call('commitHead', workspace, deployment)
      if (!found) return undefined
      const [number, offsets, clocks] = found as [number, string, string]
      return {
        number,
        offsets: JSON.parse(offsets) as { [stream: string]: number },
        clocks: JSON.parse(clocks) as Json,
      }
    },
    async state(deployment, afterKey, limit) {
      checkLimit(limit, 1_000)
      const found = await thread.call('commitState', workspace, deployment, afterKey, limit)
      return (found as [string, string][]).map(([key, value]) => ({ key, value: JSON.parse(value) as Json }))
    },
    async rows(deployment, query) {
      checkLimit(query.limit, 5_000)
      const found = await thread.call('commitRows', workspace, deployment, query)
      return (found as [string, number, number, string | null, number, number, string][]).map(
        ([id, end, start, key, pane, at, fields]) => ({
          id,
          key,
          start,
          end,
          pane,
          at,
          fields: JSON.parse(fields) as JsonObject,
        }),
      )
    },
    async outbox({ deployment, limit }) {
      checkLimit(limit, 5_000)
      const found = await thread.call('outbox', workspace, deployment ?? null, limit)
      return (found as [string, string, string, number, string][]).map(([name, id, kind, at, body]) => ({
        id,
        kind,
        at,
        body: JSON.parse(body) as JsonObject,
        deployment: name,
      }))
    },
    settle: (deployment, ids) => thread.call('settle', workspace, deployment, ids),
    drop: (deployment) => thread.call('commitDrop', workspace, deployment),
  }
}
