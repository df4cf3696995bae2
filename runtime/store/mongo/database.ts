/**
 * The connection to MongoDB: a bounded wait for a server, writes that a majority has journalled, and every failure of
 * the network or the server as `unavailable`. The driver connects again by itself. `change` counts writes, so that a
 * test can end the process between any two of them.
 */
import {
  Binary,
  GridFSBucket,
  MongoClient,
  MongoError,
  MongoServerError,
  ObjectId,
  type Collection,
  type Document,
} from 'mongodb'
import { AppError } from '../../error.ts'

export type MongoRecord = Document & { _id: string }
export type MongoCollection<T extends { _id: string } = MongoRecord> = Collection<T>
export interface MongoDatabase {
  collection<T extends { _id: string } = MongoRecord>(name: string): MongoCollection<T>
  bucket(name: string): GridFSBucket
  /** Runs a command of the database. */
  command(command: Document): Promise<Document>
  /** A read; unavailable when the server cannot be reached. */
  read<T>(work: () => Promise<T>): Promise<T>
  /** A write; counted. */
  change<T>(work: () => Promise<T>): Promise<T>
  close(): Promise<void>
}
export { Binary, ObjectId }

const selectionMs = 5_000
const silenceMs = 20_000

export function openMongoDatabase(uri: string, name: string, killAt = Infinity): MongoDatabase {
  let client: MongoClient
  try {
    client = new MongoClient(uri, {
      serverSelectionTimeoutMS: selectionMs,
      connectTimeoutMS: selectionMs,
      socketTimeoutMS: silenceMs,
      waitQueueTimeoutMS: silenceMs,
      maxPoolSize: 30,
      writeConcern: { w: 'majority', journal: true },
      readConcern: { level: 'majority' },
      readPreference: 'primary',
    })
  } catch {
    throw new AppError('invalid', 'SURICATE_MONGODB_URI is not a MongoDB address (mongodb://HOST:PORT).')
  }
  const db = client.db(name)
  let changesLeft = killAt
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw toAppError(error)
    }
  }
  return {
    collection: <T extends { _id: string }>(of: string) => db.collection<T>(of),
    bucket: (of) => new GridFSBucket(db, { bucketName: of, chunkSizeBytes: 1_000_000 }),
    command: (command) => guarded(() => db.command(command)),
    read: guarded,
    change(work) {
      if (--changesLeft < 0) process.kill(process.pid, 'SIGKILL')
      return guarded(work)
    },
    close: () => client.close(),
  }
}
/** Errors of a server that is starting, ending, stepping down or has lost its own storage. */
const transientCodes = new Set([6, 7, 43, 64, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436])
// A bulk write says in its text alone that it lost its connection; FerretDB's indexes may take a while after a crash.
const transientText =
  /failed to connect|timed out|ECONN|socket|pool (was )?cleared|RUM page|connection\b.*\b(closed|refused|reset)|conn closed|unexpected EOF|terminating connection|shutting down|starting up|recovery mode|not accepting|broken pipe|dial (tcp|unix)/i

export function toAppError(error: unknown): unknown {
  if (!(error instanceof MongoError) || error.code === 11000) return error
  const transient =
    error instanceof MongoServerError
      ? transientCodes.has(Number(error.code)) || transientText.test(error.message)
      : error.name !== 'MongoInvalidArgumentError' && error.name !== 'MongoAPIError'
  if (!transient) return error
  return new AppError('unavailable', `MongoDB cannot be reached: ${error.message}`, {}, { cause: error })
}
export function isDuplicate(error: unknown): error is Error {
  return error instanceof MongoError && error.code === 11000
}
