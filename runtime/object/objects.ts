/** Data objects of a workspace: documents with names and tags, whose bytes are blobs and whose tables are SQL's. */
import type { Readable } from 'node:stream'
import type { Bus } from '../bus/port.ts'
import type { Clock } from '../clock.ts'
import type { DataObject } from '../api/objects.ts'
import { AppError, isAppError } from '../error.ts'
import { newId } from '../id.ts'
import type { JsonObject } from '../json.ts'
import type { Document, Page, Store, WorkspaceStore } from '../store/port.ts'
import type { ColumnProfile, TableFile, Tables } from '../table/port.ts'
import { type Rows, toRows } from '../table/rows.ts'
import { isTable, toDocument, toFields, toFile, toObject } from './object.ts'
import { findNames, toCandidates } from './reference.ts'
import { forget, receive, toTooLarge, type Upload } from './upload.ts'

export interface Objects {
  /** Newest change first. */
  find(
    workspace: string,
    query?: { tag?: string; name?: string; limit?: number; cursor?: string },
  ): Promise<Page<DataObject>>
  get(workspace: string, id: string): Promise<DataObject>
  /** not-found names some that there are. */
  getByName(workspace: string, name: string): Promise<DataObject>
  /** invalid: empty, or not what its name or media type says, with the line; conflict: the name; too-large. */
  create(workspace: string, upload: Upload & { tags?: string[]; declaredBytes?: number }): Promise<DataObject>
  update(
    workspace: string,
    id: string,
    change: { name?: string | undefined; tags?: string[] | undefined },
    revision?: number,
  ): Promise<DataObject>
  /** New bytes under the old name; without `revision` whatever was last is replaced. */
  replace(
    workspace: string,
    id: string,
    upload: Omit<Upload, 'name'> & { declaredBytes?: number },
    revision?: number,
  ): Promise<DataObject>
  delete(workspace: string, id: string): Promise<void>
  /** `end` is exclusive. */
  read(workspace: string, object: DataObject, range?: { start: number; end: number }): Promise<Readable>
  /** All bytes; too-large beyond `maxBytes`. */
  bytes(workspace: string, object: DataObject, maxBytes: number): Promise<Uint8Array>
  rows(workspace: string, id: string, page: { offset: number; limit: number }): Promise<Rows>
  profile(workspace: string, id: string): Promise<{ rows: number; columns: ColumnProfile[] }>
  /** The tables that a query may mean, by the names that its text and `names` have, with or without an ending. */
  findFiles(
    workspace: string,
    sql: string,
    names?: readonly string[],
  ): Promise<{ name: string; exact: boolean; file: TableFile; object: { name: string; sha256: string } }[]>
}

export interface ObjectsDeps {
  store: Store
  tables: Tables
  bus: Bus
  clock: Clock
  config: { SURICATE_UPLOAD_MB: number }
}
const cachedProfiles = 200
const maxFiles = 40

export function openObjects({ store, tables, bus, clock, config }: ObjectsDeps): Objects {
  const maxBytes = config.SURICATE_UPLOAD_MB * 1024 * 1024
  const profiles = new Map<string, Promise<ColumnProfile[]>>()
  const tell = (workspace: string, change: string, { id, name }: { id: string; name: string }): void =>
    bus.publish(workspace, { topic: 'objects', data: { change, id, name } })

  async function getDocument(workspace: string, id: string): Promise<Document> {
    const document = await store.in(workspace).maybe('objects', id)
    if (!document) throw new AppError('not-found', 'There is no such object.')
    return document
  }
  async function checkName(within: WorkspaceStore, name: string, except?: string): Promise<void> {
    const { items } = await within.find('objects', { filter: { name }, limit: 1 })
    if (items[0] && items[0].id !== except) throw toTaken(name)
  }
  async function toTable(workspace: string, id: string): Promise<{ document: Document; file: TableFile }> {
    const document = await getDocument(workspace, id)
    if (!isTable(document))
      throw new AppError(
        'unsupported',
        `"${String(document.name)}" is no table: it is ${String(document.mediaType)}.`,
      )
    const path = await store.in(workspace).blobs.file(String(document.sha256))
    return { document, file: toFile(document, path, String(document.name)) }
  }

  return {
    async find(workspace, { tag, name, limit, cursor } = {}) {
      const page = await store.in(workspace).find('objects', {
        filter: {
          ...(tag === undefined ? {} : { tags: { $contains: tag } }),
          ...(name === undefined ? {} : { name }),
        },
        sort: '-updatedAt',
        ...(limit === undefined ? {} : { limit }),
        ...(cursor === undefined ? {} : { cursor }),
      })
      return { items: page.items.map(toObject), nextCursor: page.nextCursor }
    },
    get: async (workspace, id) => toObject(await getDocument(workspace, id)),
    async getByName(workspace, name) {
      const within = store.in(workspace)
      const { items } = await within.find('objects', { filter: { name }, limit: 1 })
      if (items[0]) return toObject(items[0])
      const others = await within.find('objects', { sort: '-updatedAt', limit: 5 })
      const there = others.items.map((other) => `"${String(other.name)}"`).join(', ')
      throw new AppError('not-found', `There is no object "${name}".${there ? ` There are ${there}.` : ''}`)
    },
    async create(workspace, upload) {
      const within = store.in(workspace)
      if ((upload.declaredBytes ?? 0) > maxBytes) throw toTooLarge(maxBytes)
      await checkName(within, upload.name)
      const content = await receive(within, tables, upload, maxBytes)
      const now = clock.now()
      const id = newId('obj', now)
      let document
      try {
        ;[document] = await within.insert('objects', [
          { ...toDocument(id, upload.name, upload.tags ?? [], content, now), run: upload.run ?? null },
        ])
      } catch (error) {
        await forget(within, content.sha256)
        throw isAppError(error, 'conflict') ? toTaken(upload.name) : error
      }
      // an equal object may have been deleted, with its bytes, since they were stored
      if (!(await within.blobs.has(content.sha256))) {
        await within.delete('objects', { id })
        throw new AppError('unavailable', 'An equal object was deleted at the same time. Upload it again.')
      }
      const object = toObject(document!)
      tell(workspace, 'created', object)
      return object
    },
    async update(workspace, id, { name, tags }, revision) {
      const within = store.in(workspace)
      await getDocument(workspace, id)
      if (name !== undefined) await checkName(within, name, id)
      const set: JsonObject = { updatedAt: clock.now() }
      if (name !== undefined) set.name = name
      if (tags !== undefined) set.tags = tags
      try {
        const object = toObject(await within.update('objects', id, { set }, revision))
        tell(workspace, 'changed', object)
        return object
      } catch (error) {
        throw isAppError(error, 'conflict') && name !== undefined ? toTaken(name) : error
      }
    },
    async replace(workspace, id, upload, revision) {
      const within = store.in(workspace)
      const before = await getDocument(workspace, id)
      if (revision !== undefined && before.revision !== revision)
        throw new AppError('stale', 'The object has changed since it was read. Read it again.')
      if ((upload.declaredBytes ?? 0) > maxBytes) throw toTooLarge(maxBytes)
      const content = await receive(within, tables, { ...upload, name: String(before.name) }, maxBytes)
      const now = clock.now()
      const set = { ...toFields(content), updatedAt: now, uploadedAt: now, run: upload.run ?? null }
      let document
      try {
        document = await within.update('objects', id, { set }, revision)
      } catch (error) {
        await forget(within, content.sha256)
        throw error
      }
      await forget(within, String(before.sha256))
      const object = toObject(document)
      tell(workspace, 'changed', object)
      return object
    },
    async delete(workspace, id) {
      const document = await getDocument(workspace, id)
      const within = store.in(workspace)
      await within.delete('objects', { id })
      await forget(within, String(document.sha256))
      tell(workspace, 'deleted', toObject(document))
    },
    read: (workspace, object, range) => store.in(workspace).blobs.read(object.sha256, range),
    async bytes(workspace, object, limit) {
      if (object.bytes > limit)
        throw new AppError(
          'too-large',
          `"${object.name}" has ${object.bytes} bytes, and at most ${Math.floor(limit / 1024 / 1024)} MB are read at once. Ask for less of it by SQL.`,
        )
      return store.in(workspace).blobs.bytes(object.sha256)
    },
    async rows(workspace, id, { offset, limit }) {
      const { document, file } = await toTable(workspace, id)
      const result = await tables.query({
        workspace,
        sql: 'select * from "table" limit ? offset ?',
        parameters: [limit, offset],
        files: [{ ...file, name: 'table' }],
        maxRows: limit,
      })
      const total = Number(document.rows)
      return { ...toRows(result), rowCount: total, truncated: offset + result.rows < total }
    },
    async profile(workspace, id) {
      const { document, file } = await toTable(workspace, id)
      const key = `${workspace}/${String(document.sha256)}/${file.format}`
      const made = profiles.get(key) ?? tables.profile(file, workspace)
      profiles.delete(key)
      profiles.set(key, made)
      made.catch(() => profiles.delete(key))
      for (const [oldest] of profiles) if (profiles.size > cachedProfiles) profiles.delete(oldest)
      return { rows: Number(document.rows), columns: await made }
    },
    async findFiles(workspace, sql, more = []) {
      const within = store.in(workspace)
      const names = [...new Set([...findNames(sql), ...more])]
      const wanted = [...new Set(names.flatMap(toCandidates))]
      const found = new Map<string, Document>()
      for (let at = 0; at < wanted.length; at += 500) {
        const { items } = await within.find('objects', {
          filter: { name: { $in: wanted.slice(at, at + 500) } },
          limit: 500,
        })
        for (const document of items) if (isTable(document)) found.set(String(document.name), document)
      }
      if (found.size > maxFiles)
        throw new AppError('invalid', `A query may name ${maxFiles} objects; this names ${found.size}.`)
      const files = []
      for (const name of names) {
        const is = toCandidates(name).find((candidate) => found.has(candidate))
        if (is === undefined) continue
        const document = found.get(is)!
        const sha256 = String(document.sha256)
        const file = toFile(document, await within.blobs.file(sha256), name)
        files.push({ name, exact: is === name, file, object: { name: is, sha256 } })
      }
      return files
    },
  }
}

function toTaken(name: string): AppError {
  return new AppError(
    'conflict',
    `There is already an object "${name}". Choose another name, or replace the content of that one.`,
  )
}
