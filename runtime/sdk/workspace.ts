/**
 * The declarations of one notebook: what the names of its workspace are, as types that fill the interfaces of
 * known.ts. Columns come from what was found at upload, bodies of messages from the newest ones, signatures from the
 * champions, columns of queries from DuckDB, which is asked for no row. Names that the notebook itself makes are known
 * without a shape. What cannot be found out stays untyped: this is help, nothing depends on it.
 */
import type { Notebook } from '../api/notebooks.ts'
import type { Json, JsonObject } from '../json.ts'
import { isJsonObject } from '../json.ts'
import { findQueries, type Query } from '../notebook/query.ts'
import { toKey, toType } from './shape.ts'

export interface WorkspaceNames {
  objects(): Promise<{ name: string; sha256: string; columns: { name: string; type: string }[] }[]>
  streams(): Promise<{ id: string; name: string }[]>
  /** The newest bodies. */
  bodies(stream: string): Promise<Json[]>
  models(): Promise<{ name: string; signature: JsonObject | null }[]>
  describe(sql: string, parameters: number): Promise<{ name: string; type: string }[]>
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
  const described = new Map<string, string | null>()

  async function describe(
    names: WorkspaceNames,
    version: string,
    query: Query,
    limit: number,
  ): Promise<string | null> {
    const key = `${version}\n${query.sql}`
    const known = described.get(key)
    if (known !== undefined) return known
    if (performance.now() > limit) return null
    const columns = await names.describe(query.sql, query.values.length).catch(() => null)
    const type = columns && toColumns(columns)
    described.set(key, type)
    if (described.size > maxDescribed) described.delete(described.keys().next().value!)
    return type
  }

  return {
    async get(workspace, notebook) {
      const names = namesOf(workspace)
      const [objects, streams, models] = await Promise.all([names.objects(), names.streams(), names.models()])
      const made = findMade(notebook.cells)
      const bodies = await Promise.all(
        streams.map(async ({ id, name }): Promise<Shape> => {
          const values = await names.bodies(id).catch(() => [])
          return { name, type: values.length === 0 ? null : toType(values) }
        }),
      )
      const version = [workspace, ...objects.map((object) => object.sha256)].join(' ')
      const limit = performance.now() + describeMs
      const queries = new Map<string, string | null>()
      for (const cell of notebook.cells)
        for (const query of findQueries(cell))
          if (!queries.has(query.key) && queries.size < maxQueries)
            queries.set(query.key, await describe(names, version, query, limit))
      return toText({
        KnownObjects: [
          ...objects.map(({ name, columns }) => ({ name, type: columns.length ? toColumns(columns) : null })),
          ...made.objects.map((name) => ({ name, type: null })),
        ],
        KnownStreams: bodies,
        KnownModels: [
          ...models.map(({ name, signature }) => ({ name, type: signature && toSignature(signature) })),
          ...made.models.map((name) => ({ name, type: null })),
        ],
        KnownQueries: [...queries].flatMap(([name, type]) => (type === null ? [] : [{ name, type }])),
      })
    },
  }
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
