/** Tables that outputs show: seen by whom the notebook is seen. */
import { Readable } from 'node:stream'
import type { Actor } from '../../runtime/access/actor.ts'
import { columnFilters, type tableOperations } from '../../runtime/api/tables.ts'
import { AppError } from '../../runtime/error.ts'
import type { OutputTables } from '../../runtime/output/tables.ts'
import type { Notebooks } from '../../runtime/project/notebooks.ts'
import type { TableView } from '../../runtime/table/port.ts'
import type { Handlers } from './handler.ts'
import { checkSeen } from './notebooks.ts'

export function tableHandlers(services: {
  outputTables: OutputTables
  notebooks: Notebooks
}): Handlers<keyof typeof tableOperations> {
  const { outputTables, notebooks } = services
  const see = async (actor: Actor, id: string): Promise<void> => {
    if (!actor.projects) return
    const { notebook } = await outputTables.get(actor.workspace, id)
    checkSeen(actor, (await notebooks.get(actor.workspace, notebook)).project, 'table', id)
  }
  return {
    getTable: async ({ actor, params: { id } }) => {
      await see(actor, id)
      return outputTables.get(actor.workspace, id)
    },
    getTableRows: async ({ actor, params: { id }, query }) => {
      await see(actor, id)
      const { offset, limit } = query
      // a page that is not wanted any more is still done: ending it would end the process that has the order
      return outputTables.rows(actor.workspace, id, { view: toView(query), offset, limit })
    },
    getTableProfile: async ({ actor, params: { id } }) => {
      await see(actor, id)
      return outputTables.profile(actor.workspace, id)
    },
    getTableContent: async ({ actor, params: { id }, query }) => {
      await see(actor, id)
      const { format } = query
      const { bytes } = await outputTables.export(actor.workspace, id, format, toView(query))
      return new Response(Readable.toWeb(bytes) as unknown as BodyInit, {
        headers: {
          'content-type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/vnd.apache.parquet',
          'content-disposition': `attachment; filename="table.${format}"`,
          'x-content-type-options': 'nosniff',
          'content-security-policy': 'sandbox',
        },
      })
    },
  }
}

function toView(query: {
  sort?: string | undefined
  order: 'asc' | 'desc'
  filter?: string | undefined
}): TableView {
  const sort = query.sort === undefined ? null : { column: query.sort, down: query.order === 'desc' }
  if (query.filter === undefined) return { sort, filters: [] }
  const parsed = columnFilters.safeParse(parse(query.filter))
  if (parsed.success) return { sort, filters: parsed.data }
  const issue = parsed.error.issues[0]
  throw new AppError('invalid', `filter: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is wrong'}`, {
    path: 'filter',
  })
}
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new AppError(
      'invalid',
      'The filter is a list as JSON: [{"column": "x", "is": "gt", "value": 5}].',
      {
        path: 'filter',
      },
    )
  }
}
