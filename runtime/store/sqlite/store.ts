/**
 * The SQLite adapter: two files in one folder, each in a worker thread (documents with commits; the message log, so
 * that a long scan or its retention does not hold up documents), and blobs as files beside them. Documents are read in
 * a thread of their own: what only looks does not wait for the fsync of those who write. Several processes may open the
 * same folder.
 */
import { mkdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Clock } from '../../clock.ts'
import { AppError } from '../../error.ts'
import { toAggregate } from '../aggregate.ts'
import { folderBytes, openFileBlobs } from '../blob-files.ts'
import { collections } from '../collections.ts'
import { toPage, toQuery, toSort } from '../cursor.ts'
import { checkWorkspace, getCollection, toDocument, toStored, type Schema } from '../document.ts'
import { toTerms } from '../filter.ts'
import { checkPatch } from '../patch.ts'
import type { Document, Store, SystemStore, Workspace, WorkspaceStore } from '../port.ts'
import { toClaim } from '../claim.ts'
import { openSqliteCommits } from './commit-store.ts'
import type { Problem, Record3 } from './documents.ts'
import { openSqliteLog } from './log.ts'
import { openThread, type DocumentMethods, type LogMethods, type ReadMethods, type Thread } from './thread.ts'

export interface SqliteOptions {
  data: string
  clock: Clock
  /** For tests, see worker.ts. */
  schema?: Schema
  migrationsModule?: string
  killAt?: number
}

export async function openSqliteStore(options: SqliteOptions): Promise<Store> {
  const folder = resolve(options.data)
  await mkdir(folder, { recursive: true })
  const { schema = collections, migrationsModule, killAt } = options
  const shared = {
    ...(options.schema ? { schema } : {}),
    ...(migrationsModule === undefined ? {} : { migrationsModule }),
    ...(killAt === undefined ? {} : { killAt }),
  }
  const documents = openThread<DocumentMethods>({
    path: join(folder, 'documents.db'),
    kind: 'documents',
    ...shared,
  })
  const reader = openThread<ReadMethods>({
    path: join(folder, 'documents.db'),
    kind: 'reader',
    ...(options.schema ? { schema } : {}),
  })
  const log = openThread<LogMethods>({ path: join(folder, 'log.db'), kind: 'log', ...shared })
  const close = async (): Promise<void> => {
    await Promise.all([documents.close(), reader.close(), log.close()])
  }
  try {
    await documents.call('checkVersion')
  } catch (error) {
    await close()
    throw error
  }
  return {
    in: (workspace) => ({
      ...openDocuments(documents, reader, schema, checkWorkspace(workspace)),
      log: openSqliteLog(log, workspace),
      commits: openSqliteCommits(documents, workspace),
      blobs: openFileBlobs(join(folder, 'blobs', workspace)),
    }),
    system: openSystem(documents, reader, schema, folder, options.clock),
    close,
  }
}
function read([id, revision, text]: Record3): Document {
  return toDocument(id, revision, text)
}
function check({ problem }: { problem?: Problem }): void {
  if (problem) throw new AppError(problem.code, problem.message, problem.details)
}

function openDocuments(
  thread: Thread<DocumentMethods>,
  reader: Thread<ReadMethods>,
  schema: Schema,
  workspace: string,
): Omit<WorkspaceStore, 'log' | 'commits' | 'blobs'> {
  return {
    workspace,
    async insert(name, inserted) {
      const collection = getCollection(schema, name)
      const stored = inserted.map((document) => toStored(name, collection, document))
      check(await thread.call('insert', name, workspace, stored))
      return stored.map(({ id, text }) => toDocument(id, 1, text))
    },
    async find(name, query) {
      const checked = toQuery(name, getCollection(schema, name), query)
      return toPage(checked, (await reader.call('find', name, workspace, checked)).map(read))
    },
    async get(name, id) {
      getCollection(schema, name)
      const found = await reader.call('maybe', name, workspace, id)
      if (!found) throw new AppError('not-found', `There is no ${id} in ${name}.`)
      return read(found)
    },
    async maybe(name, id) {
      getCollection(schema, name)
      const found = await reader.call('maybe', name, workspace, id)
      return found && read(found)
    },
    async count(name, filter) {
      return reader.call('count', name, workspace, toTerms(name, getCollection(schema, name), filter))
    },
    async update(name, id, patch, revision) {
      getCollection(schema, name)
      checkPatch(patch)
      return read(await thread.call('update', name, workspace, id, patch, revision))
    },
    async updateMany(name, filter, patch) {
      checkPatch(patch)
      const terms = toTerms(name, getCollection(schema, name), filter)
      const result = await thread.call('updateMany', name, workspace, terms, patch)
      check(result)
      return result.changed
    },
    async findAndUpdate(name, { filter, sort }, patch) {
      checkPatch(patch)
      const collection = getCollection(schema, name)
      const terms = toTerms(name, collection, filter)
      const found = await thread.call(
        'findAndUpdate',
        name,
        workspace,
        terms,
        toSort(name, collection, sort),
        patch,
      )
      return found && read(found)
    },
    async delete(name, filter) {
      return thread.call('delete', name, workspace, toTerms(name, getCollection(schema, name), filter))
    },
    async aggregate(name, aggregate) {
      const checked = toAggregate(name, getCollection(schema, name), aggregate)
      return reader.call('aggregate', name, workspace, checked)
    },
  }
}

function openSystem(
  thread: Thread<DocumentMethods>,
  reader: Thread<ReadMethods>,
  schema: Schema,
  folder: string,
  clock: Clock,
): SystemStore {
  const size = (file: string): Promise<number> =>
    stat(join(folder, file)).then(
      (found) => found.size,
      () => 0,
    )
  return {
    async createWorkspace(workspace) {
      checkWorkspace(workspace.id)
      await thread.call('createWorkspace', workspace)
    },
    async findWorkspaces() {
      const found = (await reader.call('findWorkspaces')) as [string, string, number][]
      return found.map(([id, name, createdAt]): Workspace => ({ id, name, createdAt }))
    },
    async resolveToken(hash) {
      const found = await reader.call('resolveToken', hash)
      return found && read(found)
    },
    async claimDue(name, claim) {
      const { terms, sort } = toClaim(name, getCollection(schema, name), claim)
      const found = await thread.call('claimDue', name, terms, sort, claim)
      return found && { workspace: found.workspace, document: read(found.record) }
    },
    expire: (now) => thread.call('expire', now),
    migrate: () => thread.call('migrate', clock.now()),
    async usage() {
      const [documents, wal, log, logWal, blobs] = await Promise.all([
        size('documents.db'),
        size('documents.db-wal'),
        size('log.db'),
        size('log.db-wal'),
        folderBytes(join(folder, 'blobs')),
      ])
      return { documents: documents + wal, log: log + logWal, blobs }
    },
  }
}
