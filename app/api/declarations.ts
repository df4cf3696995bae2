/** The types that a notebook's editor has of its workspace. */
import { createHash } from 'node:crypto'
import type { declarationOperations } from '../../runtime/api/declarations.ts'
import type { Models } from '../../runtime/model/models.ts'
import type { Objects } from '../../runtime/object/objects.ts'
import type { Notebooks } from '../../runtime/project/notebooks.ts'
import { openDeclarations, type WorkspaceNames } from '../../runtime/sdk/workspace.ts'
import type { Queries } from '../../runtime/query/queries.ts'
import type { Streams } from '../../runtime/stream/streams.ts'
import type { ColumnData } from '../../runtime/table/port.ts'
import type { Handlers } from './handler.ts'
import { checkSeen } from './notebooks.ts'

const maxNames = 500
const maxBodies = 30
const bodySeconds = 30 * 86_400

export function declarationHandlers(services: {
  notebooks: Notebooks
  objects: Objects
  queries: Queries
  streams: Streams
  models: Models
}): Handlers<keyof typeof declarationOperations> {
  const { notebooks, objects, queries, streams, models } = services
  const page = { limit: maxNames }
  const namesOf = (workspace: string): WorkspaceNames => ({
    objects: async () => (await objects.find(workspace, page)).items,
    streams: async () => (await streams.find(workspace, page)).items,
    async bodies(stream) {
      const range = { seconds: bodySeconds, limit: maxBodies }
      return (await streams.recent(workspace, stream, range)).map((message) => message.body)
    },
    async models() {
      const { items } = await models.find(workspace, page)
      return items.map(({ name, aliases, versions }) => {
        const live = versions.find((version) => version.version === aliases['champion']) ?? versions[0]
        return { name, signature: live?.signature ?? null }
      })
    },
    async describe(sql, parameters, variables) {
      const query = {
        sql: `select * from (${sql}\n) limit 0`,
        parameters: Array(parameters).fill(null) as null[],
        variables: variables.map(({ name, columns }) => ({ name, table: toEmpty(columns) })),
      }
      const { columns } = await queries.query(workspace, { ...query, describe: true, timeoutMs: 3000 })
      return columns
    },
  })
  const declarations = openDeclarations(namesOf)
  return {
    async getNotebookDeclarations({ actor, params: { id }, request }) {
      const notebook = await notebooks.get(actor.workspace, id)
      checkSeen(actor, notebook.project, 'notebook', id)
      const text = await declarations.get(actor.workspace, notebook)
      const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`
      const headers = { etag, 'cache-control': 'private, no-cache' }
      if (request.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers })
      return new Response(text, { headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' } })
    },
  }
}

/** A table without a row. */
function toEmpty(columns: readonly { name: string; type: string }[]): {
  columns: ColumnData[]
  rows: number
} {
  return {
    rows: 0,
    columns: columns.map(({ name, type }) => ({
      name,
      type: type as ColumnData['type'],
      data: Buffer.from(type === 'text' || type === 'json' ? '[]' : ''),
    })),
  }
}
