/** The instant at which an action fired: what its handler was given, from the records of the deployment's commits. */
import { toActionId } from '../action/entry.ts'
import { AppError, isAppError } from '../error.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import type { FiredInstant } from '../sdk/streaming.ts'
import type { OutboxEntry } from '../store/log.ts'
import type { Store } from '../store/port.ts'
import { type CallRecord, type Instant, unpackRecords } from './record.ts'
import type { Reply } from './replies.ts'

export interface FoundInstant extends Instant {
  /** Ids of all actions of the call, in order. */
  actions: string[]
  deployment: string
  notebook: { id: string; version: number }
  parameters: JsonObject
  createdAt: number
  replies: readonly Reply[]
  /** What the host answered to the cells before. */
  opening: readonly Reply[]
}
export interface Instants {
  /** not-found where there is no such action; conflict tells why there is nothing kept of it. */
  get(workspace: string, action: string): Promise<FoundInstant>
  /** The same for a person or a notebook. */
  tell(workspace: string, action: string): Promise<FiredInstant>
  /** The project of its notebook; not-found where there is no such action. */
  projectOf(workspace: string, action: string): Promise<string | null>
}

export function openInstants({ store }: { store: Pick<Store, 'in'> }): Instants {
  async function read(workspace: string, blob: string): Promise<CallRecord[]> {
    try {
      return await unpackRecords(await store.in(workspace).blobs.bytes(blob))
    } catch (error) {
      if (!isAppError(error, 'not-found')) throw error
      throw new AppError(
        'conflict',
        'What the handler was given is not kept any more: a deployment keeps 30 days, at most 512 MB and 50,000 commits of it.',
      )
    }
  }
  async function get(workspace: string, id: string): Promise<FoundInstant> {
    const within = store.in(workspace)
    const action = await within.maybe('actions', id)
    if (!action) throw new AppError('not-found', 'There is no such action.')
    const { instant: place, deployment: name } = action
    if (typeof name !== 'string')
      throw new AppError('conflict', 'Only actions of deployments can be gone through again.')
    if (!isJsonObject(place))
      throw new AppError('conflict', 'What the handler was given was not kept with this action.')
    const deployment = await within.maybe('deployments', name)
    if (!deployment) throw new AppError('conflict', 'The deployment was deleted, and what it kept with it.')
    const record = (await read(workspace, String(place.blob)))[Number(place.call)]
    if (!record?.instant)
      throw new AppError('conflict', 'What the handler was given was too large to be kept: over 8 MB.')
    const opening = typeof place.opening === 'string' ? await read(workspace, place.opening) : []
    const entries = JSON.parse(record.instant.entries) as { id: string }[]
    return {
      ...record.instant,
      actions: entries.map((entry) => toActionId(entry.id)),
      deployment: name,
      notebook: { id: String(action.notebook), version: Number(action.notebookVersion) },
      parameters: deployment.parameters as JsonObject,
      createdAt: Number(deployment.createdAt),
      replies: record.replies,
      opening: opening[0]?.replies ?? [],
    }
  }
  return {
    get,
    async projectOf(workspace, id) {
      const within = store.in(workspace)
      const action = await within.maybe('actions', id)
      if (!action) throw new AppError('not-found', 'There is no such action.')
      const notebook =
        typeof action.notebook === 'string' ? await within.maybe('notebooks', action.notebook) : undefined
      return notebook ? String(notebook.project) : null
    },
    async tell(workspace, id) {
      const { input, state, now, seed, row, entries, replies } = await get(workspace, id)
      return {
        input: JSON.parse(input) as FiredInstant['input'],
        state: JSON.parse(state) as JsonObject,
        now,
        seed,
        row: JSON.parse(row) as JsonObject | null,
        actions: (JSON.parse(entries) as OutboxEntry[]).map(toTold),
        replies: replies.map(({ name, value, frames = [], error, again, left }) => ({
          name,
          value: value === undefined ? ((again ?? null) as Json) : (JSON.parse(value) as Json),
          bytes: left ?? frames.reduce((sum, frame) => sum + frame.byteLength, 0),
          error: error?.message ?? null,
        })),
      }
    },
  }
}

/** What an entry asks for, without whose it is. */
export function toTold({ kind, body }: OutboxEntry): { kind: string; request: JsonObject; key: string } {
  return { kind, request: body.request as JsonObject, key: String(body.key) }
}
