/**
 * SQL over everything that a workspace and a notebook have: objects by name, messages of streams, variables that come
 * with the query. It finds out what the names mean, brings the files and columns to the table child, and says what was
 * read. The names in the text are a stranger's: they choose among what exists and are nowhere put into other text.
 */
import { AppError, toMessage } from '../error.ts'
import { findTableNames, type TableName } from '../javascript/table-names.ts'
import type { Objects } from '../object/objects.ts'
import type { Lines, StreamLines } from '../stream/lines.ts'
import type { Store } from '../store/port.ts'
import type { ColumnData, LinesTable, LoadedTable, TableQuery, TableResult, Tables } from '../table/port.ts'
import { findLike, isSchema, type Known, resolveTables, toNoTable } from './resolve.ts'

export interface Variable {
  name: string
  /** What it is instead of a table. */
  table: { columns: ColumnData[]; rows: number } | string
}
export interface QuerySpec extends Omit<TableQuery, 'workspace' | 'files' | 'loaded' | 'lines'> {
  variables?: readonly Variable[]
  /** The columns alone are asked for: streams stand as tables without a row. */
  describe?: boolean
}
export interface QueryResult extends TableResult {
  /** Those that it may have read, for lineage. */
  objects: { name: string; sha256: string }[]
  /** With the event times of the messages that there were, `to` exclusive. */
  streams: { name: string; from: number; to: number }[]
}
export interface Queries {
  /** One SELECT. conflict for a name that means several things, invalid for one that means nothing. */
  query(workspace: string, query: QuerySpec): Promise<QueryResult>
}
export interface QueriesDeps {
  store: Pick<Store, 'in'>
  tables: Pick<Tables, 'query'>
  objects: Pick<Objects, 'findFiles'>
  lines: StreamLines
}

const maxStreams = 20
const maxListed = 50
/** Streams that only DuckDB found in the text. */
const maxRetries = 3

export function openQueries({ store, tables, objects, lines }: QueriesDeps): Queries {
  async function findStreams(workspace: string, names: string[]): Promise<Map<string, string>> {
    const { items } = await store
      .in(workspace)
      .find('streams', { filter: { name: { $in: names } }, limit: 1000 })
    return new Map(items.map(({ id, name }) => [String(name), id]))
  }

  async function toMissing(
    workspace: string,
    { schema, name }: Pick<TableName, 'schema' | 'name'>,
    variables: readonly Variable[],
  ): Promise<AppError> {
    const is = variables.find((variable) => variable.name === name)?.table
    if (typeof is === 'string') return toNoTable(name, is)
    const page = { limit: maxListed }
    const [{ items: found }, { items: streams }] = await Promise.all([
      store.in(workspace).find('objects', { sort: '-updatedAt', ...page }),
      store.in(workspace).find('streams', { sort: 'name', ...page }),
    ])
    const all = [
      ...variables.map((variable) => ({ schema: 'variables', name: variable.name })),
      ...found
        .filter((object) => object['rows'] !== null)
        .map((object) => ({ schema: 'objects', name: String(object['name']) })),
      ...streams.map((stream) => ({ schema: 'streams', name: String(stream['name']) })),
    ]
    const there = all.filter((one) => schema === null || one.schema === schema).map((one) => `"${one.name}"`)
    const [like] = findLike(
      name,
      there.map((text) => text.slice(1, -1)),
    )
    const kind = schema === null ? 'table' : schema.slice(0, -1)
    const words = [
      `There is no ${kind} "${name}".`,
      like === undefined ? '' : `Is "${like}" meant?`,
      there.length > 0
        ? `There are ${there.slice(0, 5).join(', ')}.`
        : 'Upload an object or define a stream first.',
    ]
    return new AppError('invalid', words.filter(Boolean).join(' '), { name })
  }

  /** `more`: names that only DuckDB found. */
  async function run(workspace: string, query: QuerySpec, more: string[]): Promise<QueryResult> {
    const { variables = [], describe = false, ...plain } = query
    const named: TableName[] = [
      ...findTableNames(query.sql),
      ...more.map((name) => ({ schema: null, name, start: 0, end: 0 })),
    ]
    const [found, streams] = await Promise.all([
      objects.findFiles(
        workspace,
        query.sql,
        named.map(({ name }) => name),
      ),
      findStreams(workspace, [...new Set(named.map(({ name }) => name))].slice(0, 300)),
    ])
    const known: Known = {
      objects: new Set(
        found.filter(({ name, exact }) => exact && isNamed(named, name)).map(({ name }) => name),
      ),
      streams: new Set(streams.keys()),
      variables: new Set(variables.flatMap(({ name, table }) => (typeof table === 'string' ? [] : name))),
      others: new Map(
        variables.flatMap(({ name, table }) => (typeof table === 'string' ? [[name, table]] : [])),
      ),
    }
    const meanings = resolveTables(named, known)
    for (const table of named)
      if (table.schema !== null && isSchema(table.schema) && !known[table.schema].has(table.name))
        if (table.schema !== 'objects' || !found.some(({ name }) => name === table.name))
          throw await toMissing(workspace, table, variables)
    const others = new Set(
      meanings.flatMap(({ schema, name, plain: is }) =>
        is && schema !== 'objects' ? name.toLowerCase() : [],
      ),
    )
    const files = found.flatMap(({ file, name }) => [
      ...(others.has(name.toLowerCase()) ? [] : [file]),
      ...(named.some((table) => table.schema === 'objects' && table.name === name)
        ? [{ ...file, schema: 'objects' }]
        : []),
    ])
    const loaded = variables.flatMap(({ name, table }): LoadedTable[] => {
      const meaning = meanings.find((one) => one.schema === 'variables' && one.name === name)
      return meaning && typeof table !== 'string'
        ? [{ schema: 'variables', name, plain: meaning.plain, ...table }]
        : []
    })
    const wanted = meanings.filter(({ schema }) => schema === 'streams')
    if (wanted.length > maxStreams)
      throw new AppError('invalid', `A query may name ${maxStreams} streams; this names ${wanted.length}.`)
    const taken: { name: string; lines: Lines }[] = []
    try {
      const sources: LinesTable[] = []
      for (const { name, plain: isPlain } of wanted) {
        const head = { schema: 'streams', name, plain: isPlain }
        const id = streams.get(name)!
        if (describe) {
          sources.push({ ...head, paths: [], from: 0, columns: await lines.describe(workspace, id) })
          continue
        }
        const one = await lines.take(workspace, id, query.signal).catch((error: unknown) => {
          if (query.signal?.aborted) throw new AppError('cancelled', 'The query was cancelled.')
          throw error
        })
        taken.push({ name, lines: one })
        sources.push({ ...head, ...one.table })
      }
      const result = await tables.query({ ...plain, workspace, files, loaded, lines: sources })
      return {
        ...result,
        objects: [...new Map(found.map(({ object }) => [object.name, object])).values()],
        streams: taken.flatMap(({ name, lines: { range } }) => (range ? [{ name, ...range }] : [])),
      }
    } finally {
      for (const { lines: one } of taken) one.release()
    }
  }

  return {
    async query(workspace, query) {
      const more: string[] = []
      for (;;)
        try {
          return await run(workspace, query, more)
        } catch (error) {
          const name = /Table with name (.+) does not exist/.exec(toMessage(error))?.[1]
          if (name === undefined) throw error
          const isNew = more.length < maxRetries && !more.includes(name)
          if (!isNew || !(await findStreams(workspace, [name])).has(name))
            throw await toMissing(workspace, { schema: null, name }, query.variables ?? [])
          more.push(name)
        }
    },
  }
}

function isNamed(tables: readonly TableName[], name: string): boolean {
  return tables.some((table) => table.name === name && (table.schema === null || table.schema === 'objects'))
}
