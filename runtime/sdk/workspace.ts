/**
 * The declarations of one notebook: what the names of its workspace are, as types that fill the interfaces of
 * known.ts. Columns come from what was found at upload, bodies of messages from the newest ones, signatures from the
 * champions, columns of queries from DuckDB, which is asked for no row. Names that the notebook itself makes are known
 * without a shape. What cannot be found out stays untyped: this is help, nothing depends on it.
 */
import type { Notebook } from '../api/notebooks.ts'
import type { Json, JsonObject } from '../json.ts'
import { isJsonObject } from '../json.ts'
import { findQueries, type Query, toResultName } from '../notebook/query.ts'
import { findVariableNames } from '../javascript/table-names.ts'
import { toKey, toType } from './shape.ts'

export interface WorkspaceNames {
  objects(): Promise<{ name: string; sha256: string; columns: { name: string; type: string }[] }[]>
  streams(): Promise<{ id: string; name: string }[]>
  /** The newest bodies. */
  bodies(stream: string): Promise<Json[]>
  models(): Promise<{ name: string; signature: JsonObject | null }[]>
  describe(sql: string, parameters: number, variables: readonly DescribedVariable[]): Promise<ColumnType[]>
}
interface ColumnType {
  name: string
  type: string
}
/** A variable of the notebook whose columns are known, for the queries that name it. */
export interface DescribedVariable {
  name: string
  columns: ColumnType[]
}
export interface Declarations {
  get(workspace: string, notebook: Pick<Notebook, 'cells'>): Promise<string>
}
type Shape = { name: string; type: string | null }

const maxQueries = 40
const maxDescribed = 500
const describeMs = 3000

export function openDeclarations(namesOf: (workspace: string) => WorkspaceNames): Declarations {
  /** By workspace, hashes of its objects, and the query. */
  const described = new Map<string, ColumnType[] | null>()

  async function describe(
    names: WorkspaceNames,
    version: string,
    query: Query,
    variables: readonly DescribedVariable[],
    limit: number,
  ): Promise<ColumnType[] | null> {
    const key = JSON.stringify([version, query.sql, variables])
    const known = described.get(key)
    if (known !== undefined) return known
    if (performance.now() > limit) return null
    const columns = await names.describe(query.sql, query.values.length, variables).catch(() => null)
    described.set(key, columns)
    if (described.size > maxDescribed) described.delete(described.keys().next().value!)
    return columns
  }

  return {
    async get(workspace, notebook) {
      const names = namesOf(workspace)
      const [objects, streams, models] = await Promise.all([names.objects(), names.streams(), names.models()])
      const created = findMade(notebook.cells)
      const bodies = await Promise.all(
        streams.map(async ({ id, name }): Promise<Shape> => {
          const values = await names.bodies(id).catch(() => [])
          return { name, type: values.length === 0 ? null : toType(values) }
        }),
      )
      const version = [workspace, ...objects.map((object) => object.sha256)].join(' ')
      const limit = performance.now() + describeMs
      const queries = new Map<string, string | null>()
      const made = new Map<string, ColumnType[]>()
      for (const cell of notebook.cells)
        for (const query of findQueries(cell)) {
          if (queries.has(query.key) || queries.size >= maxQueries) continue
          const name = toVariable(cell, query)
          const used = findVariableNames(query.sql).flatMap((one) => {
            const columns = one.name === name ? undefined : made.get(one.name)
            return columns ? [{ name: one.name, columns }] : []
          })
          const columns = await describe(names, version, query, used, limit)
          queries.set(query.key, columns && toColumns(columns))
          if (name !== undefined && columns) made.set(name, columns)
        }
      return toText({
        KnownObjects: [
          ...objects.map(({ name, columns }) => ({ name, type: columns.length ? toColumns(columns) : null })),
          ...created.objects.map((name) => ({ name, type: null })),
        ],
        KnownStreams: bodies,
        KnownModels: [
          ...models.map(({ name, signature }) => ({ name, type: signature && toSignature(signature) })),
          ...created.models.map((name) => ({ name, type: null })),
        ],
        KnownQueries: [...queries].flatMap(([name, type]) => (type === null ? [] : [{ name, type }])),
      })
    },
  }
}

/** The variable that holds a query's result, where the text says so. */
function toVariable(cell: Notebook['cells'][number], query: Query): string | undefined {
  if (cell.type === 'sql') return toResultName(cell.source).name
  const before = cell.source.slice(Math.max(0, query.tagEnd - 200), query.tagEnd)
  return /(?:const|let|var)\s+([A-Za-z_$][\w$]*)\s*=\s*await\s+sql$/.exec(before)?.[1]
}

const untyped: { [name: string]: string } = {
  KnownObjects: 'Columns',
  KnownStreams: 'Json',
  KnownModels: 'JsonObject | null',
}
function toText(known: { [name: string]: Shape[] }): string {
  const lines = Object.entries(known).flatMap(([name, shapes]) => {
    const members = new Map<string, string>()
    for (const shape of shapes)
      if (!members.has(shape.name)) members.set(shape.name, shape.type ?? untyped[name]!)
    const body = [...members].map(([key, type]) => `    ${toKey(key)}: ${type}`)
    return [`  interface ${name} {`, ...body, '  }']
  })
  return ["declare module 'suricate' {", ...lines, '}', ''].join('\n')
}
function toColumns(columns: readonly { name: string; type: string }[]): string {
  return `{ ${columns.map(({ name, type }) => `${toKey(name)}: ${toKey(type)}`).join('; ')} }`
}

/** A signature with its features by name where it lists them. */
function toSignature(signature: JsonObject): string {
  const fields = Object.entries(signature).map(([name, value]) => `${toKey(name)}: ${toLiteral(value)}`)
  return `{ ${fields.join('; ')} }`
}
function toLiteral(value: Json, depth = 0): string {
  if (value === null || typeof value !== 'object') return value === null ? 'null' : toScalar(value)
  if (depth > 4) return 'Json'
  if (Array.isArray(value))
    return `[${value
      .slice(0, 200)
      .map((one) => toLiteral(one, depth + 1))
      .join(', ')}]`
  if (!isJsonObject(value)) return 'Json'
  return `{ ${Object.entries(value)
    .map(([name, one]) => `${toKey(name)}: ${toLiteral(one, depth + 1)}`)
    .join('; ')} }`
}
function toScalar(value: string | number | boolean): string {
  return typeof value === 'string' ? toKey(value) : String(value)
}

/** Names that the notebook's own text makes. */
function findMade(cells: Notebook['cells']): { objects: string[]; models: string[] } {
  const find = (call: string): string[] => {
    const pattern = new RegExp(String.raw`\b${call}\(\s*(?:'([^'\\\n]+)'|"([^"\\\n]+)")`, 'g')
    return cells
      .filter((cell) => cell.type === 'typescript')
      .flatMap((cell) => [...cell.source.matchAll(pattern)].map(([, single, double]) => (single ?? double)!))
  }
  return {
    objects: [...find('objects\\.create'), ...find('objects\\.import')],
    models: find('models\\.save'),
  }
}
