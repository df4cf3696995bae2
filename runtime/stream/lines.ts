/**
 * Messages of streams as files for SQL: JSON in lines, written from the log a segment at a time and kept while this
 * process lives, so that a query pays only for what has arrived since the last one. Its keys are numbers, because names
 * of fields are whatever a sender chose. A segment that grew is a new file: a query that still reads the old one keeps
 * it. What is cached is bounded; the stream that was asked for longest ago goes first.
 */
import { constants } from 'node:fs'
import { copyFile, mkdtemp, open, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Json } from '../json.ts'
import { isJsonObject } from '../json.ts'
import type { Message } from '../store/log.ts'
import type { Store } from '../store/port.ts'
import type { LinesTable } from '../table/port.ts'
import { newShape, type Shape, toSqlType, widen } from './shape.ts'

export interface StreamLines {
  /** All messages that the log has now; `release` once they were read. `range`: their event times, `to` exclusive. */
  take(workspace: string, stream: string, signal?: AbortSignal): Promise<Lines>
  /** The columns alone, of what is cached or the newest messages. */
  describe(workspace: string, stream: string): Promise<LinesTable['columns']>
  close(): Promise<void>
}
export interface Lines {
  table: Pick<LinesTable, 'paths' | 'columns' | 'from'>
  range: { from: number; to: number } | null
  release(): void
}
export interface StreamLinesDeps {
  store: Pick<Store, 'in'>
  /** Of one file. */
  maxSegmentBytes?: number
  /** Of all files. */
  maxBytes?: number
}

interface Segment {
  path: string
  last: number
  bytes: number
  minTime: number
  maxTime: number
}
interface Entry {
  id: string
  segments: Segment[]
  columns: Columns
  /** How many queries read it. */
  users: number
  /** Superseded, and gone once nobody reads. */
  old: string[]
  work: Promise<unknown>
}
interface Columns {
  /** By field; the body itself, where it is no object, under the empty one. */
  fields: Map<string, { key: string; shape: Shape }>
}

const prefix = 'suricate-lines-'
const pageSize = 5000
/** More fields than a table has columns: bodies are one column then. */
const maxColumns = 500
/** Beyond it there is no date. */
const maxTime = 8.64e15

export function openStreamLines(deps: StreamLinesDeps): StreamLines {
  const maxSegmentBytes = deps.maxSegmentBytes ?? 64 * 1024 * 1024
  const maxBytes = deps.maxBytes ?? 8 * 1024 ** 3
  const entries = new Map<string, Entry>()
  let folder: Promise<string> | undefined
  let count = 0
  const toPath = async (): Promise<string> => {
    folder ??= sweep().then(() => mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`)))
    return join(await folder, `${++count}.ndjson`)
  }

  function toEntry(workspace: string, stream: string): Entry {
    const id = `${workspace}/${stream}`
    const entry = entries.get(id) ?? {
      id,
      segments: [],
      columns: newColumns(),
      users: 0,
      old: [],
      work: Promise.resolve(),
    }
    entries.delete(id)
    entries.set(id, entry)
    return entry
  }
  function drop(entry: Entry, segments: Segment[]): void {
    entry.old.push(...segments.map(({ path }) => path))
    if (entry.users > 0) return
    for (const path of entry.old.splice(0)) void rm(path, { force: true }).catch(() => undefined)
  }
  function makeRoom(): void {
    let sum = [...entries.values()]
      .flatMap(({ segments }) => segments)
      .reduce((all, one) => all + one.bytes, 0)
    for (const entry of entries.values()) {
      if (sum <= maxBytes) return
      if (entry.users > 0) continue
      sum -= entry.segments.reduce((all, one) => all + one.bytes, 0)
      drop(entry, entry.segments.splice(0))
      entries.delete(entry.id)
    }
  }

  /** Up to what the log has at the beginning. */
  async function bring(
    workspace: string,
    stream: string,
    entry: Entry,
    signal?: AbortSignal,
  ): Promise<number> {
    const { log } = deps.store.in(workspace)
    const { firstSeq, nextSeq } = await log.head(stream)
    if ((entry.segments.at(-1)?.last ?? 0) >= nextSeq) {
      // another log under the same name
      drop(entry, entry.segments.splice(0))
      entry.columns = newColumns()
    }
    const kept = entry.segments.findIndex(({ last }) => last >= firstSeq)
    drop(entry, entry.segments.splice(0, kept < 0 ? entry.segments.length : kept))
    let next = Math.max((entry.segments.at(-1)?.last ?? 0) + 1, firstSeq)
    while (next < nextSeq) {
      signal?.throwIfAborted()
      next = await extend(entry, (from) => log.read(stream, from, pageSize), next, nextSeq, signal)
    }
    return firstSeq
  }
  /** One segment more, or the last one again with more in it; the next seq. */
  async function extend(
    entry: Entry,
    read: (from: number) => Promise<Message[]>,
    from: number,
    until: number,
    signal?: AbortSignal,
  ): Promise<number> {
    const tail = entry.segments.at(-1)
    const grown = tail && tail.bytes < maxSegmentBytes ? tail : undefined
    const path = await toPath()
    if (grown) await copyFile(grown.path, path, constants.COPYFILE_FICLONE)
    const segment: Segment = grown
      ? { ...grown, path }
      : { path, last: from - 1, bytes: 0, minTime: Infinity, maxTime: -Infinity }
    const file = await open(path, 'a', 0o600)
    let next = from
    try {
      while (next < until && segment.bytes < maxSegmentBytes) {
        signal?.throwIfAborted()
        const messages = await read(next)
        if (messages.length === 0) {
          next = until
          break
        }
        const text = Buffer.from(messages.map((message) => toLine(entry.columns, message)).join(''))
        await file.appendFile(text)
        segment.bytes += text.length
        for (const { eventTime } of messages) {
          segment.minTime = Math.min(segment.minTime, eventTime)
          segment.maxTime = Math.max(segment.maxTime, eventTime)
        }
        segment.last = messages.at(-1)!.seq
        next = segment.last + 1
      }
    } catch (error) {
      await file.close()
      await rm(path, { force: true })
      throw error
    }
    await file.close()
    if (grown) entry.segments.pop()
    entry.segments.push(segment)
    if (grown) drop(entry, [grown])
    return next
  }

  return {
    async take(workspace, stream, signal) {
      const entry = toEntry(workspace, stream)
      entry.users++
      let released = false
      const release = (): void => {
        if (released) return
        released = true
        entry.users--
        drop(entry, [])
        makeRoom()
      }
      // one after the other: a second query takes what the first has written
      const brought = entry.work.then(() => bring(workspace, stream, entry, signal))
      entry.work = brought.catch(() => undefined)
      try {
        const from = await brought
        const { segments } = entry
        const last = segments.length > 0
        return {
          table: { paths: segments.map(({ path }) => path), columns: toColumns(entry.columns), from },
          range: last
            ? {
                from: segments.reduce((least, one) => Math.min(least, one.minTime), Infinity),
                to: segments.reduce((most, one) => Math.max(most, one.maxTime), -Infinity) + 1,
              }
            : null,
          release,
        }
      } catch (error) {
        release()
        throw error
      }
    },
    async describe(workspace, stream) {
      const known = entries.get(`${workspace}/${stream}`)
      if (known && known.segments.length > 0) return toColumns(known.columns)
      const columns = newColumns()
      for (const message of await deps.store.in(workspace).log.last(stream, 1000)) toLine(columns, message)
      return toColumns(columns)
    },
    async close() {
      await Promise.all([...entries.values()].map(({ work }) => work))
      if (folder) await rm(await folder, { recursive: true, force: true })
    },
  }
}

function newColumns(): Columns {
  return { fields: new Map() }
}

/** One message with its columns widened; more fields than columns go into the body. */
function toLine({ fields }: Columns, { seq, eventTime, body }: Message): string {
  const line: { [key: string]: Json } = {
    s: seq,
    t: Math.abs(eventTime) <= maxTime ? Math.round(eventTime) : null,
  }
  const put = (name: string, value: Json): boolean => {
    let field = fields.get(name)
    if (!field) {
      if (fields.size >= maxColumns && name !== '') return false
      fields.set(name, (field = { key: `f${fields.size}`, shape: newShape() }))
    }
    widen(field.shape, value)
    line[field.key] = value
    return true
  }
  if (!isJsonObject(body)) put('', body)
  else {
    const rest = Object.entries(body).filter(([name, value]) => name === '' || !put(name, value))
    if (rest.length > 0) put('', Object.fromEntries(rest))
  }
  const text = JSON.stringify(line)
  // half of a character is no JSON for others
  return `${/\\ud[89a-f]/.test(text) ? JSON.stringify(line, toWellFormed) : text}\n`
}
function toWellFormed(_: string, value: Json): Json {
  if (typeof value === 'string') return value.toWellFormed()
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name.toWellFormed(), field]))
}

/** Names differ also where case does not count; `seq` and `ts` are the message's own. */
function toColumns({ fields }: Columns): LinesTable['columns'] {
  const taken = new Set(['seq', 'ts'])
  const columns: LinesTable['columns'] = [
    { key: 's', name: 'seq', type: 'BIGINT', as: 'value' },
    { key: 't', name: 'ts', type: 'BIGINT', as: 'time' },
  ]
  for (const [field, { key, shape }] of fields) {
    const plain = field.toWellFormed().replaceAll('\0', '').slice(0, 200) || 'body'
    let name = plain
    if (taken.has(name.toLowerCase())) name = `body_${plain}`
    for (let i = 2; taken.has(name.toLowerCase()); i++) name = `${plain}_${i}`
    taken.add(name.toLowerCase())
    columns.push({ key, name, type: toSqlType(shape), as: 'value' })
  }
  return columns
}

/** Folders of processes that ended without closing. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1]
    if (pid === undefined || isAlive(Number(pid))) continue
    await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => undefined)
  }
}
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
