/** The variables that come with a query: columns of the call's frames, or a result that the host still holds. */
import { AppError } from '../error.ts'
import type { OutputTables } from '../output/tables.ts'
import type { Variable } from '../query/queries.ts'
import type { ColumnData } from '../table/port.ts'

type Sent = { name: string } & (
  | { is: string }
  | { from: string }
  | { names: string[]; types: ColumnData['type'][]; rows: number }
)
interface Place {
  services: { outputTables: Pick<OutputTables, 'held'> }
  workspace: string
}

/** undefined where one is not held any more. */
export function toVariables(
  { services, workspace }: Place,
  sent: readonly Sent[],
  frames: readonly Uint8Array[],
): Variable[] | undefined {
  const variables: Variable[] = []
  let at = 0
  for (const one of sent) {
    const { name } = one
    if ('is' in one) variables.push({ name, table: one.is })
    else if ('from' in one) {
      const table = services.outputTables.held(workspace, one.from)
      if (!table) return undefined
      variables.push({ name, table: { columns: table.columns, rows: table.rows } })
    } else {
      const data = frames.slice(at, (at += one.names.length))
      if (data.length !== one.names.length || one.types.length !== one.names.length)
        throw new AppError('invalid', `The variable "${name}" needs a type and the bytes of each column.`)
      const columns = one.names.map((column, i) => ({ name: column, type: one.types[i]!, data: data[i]! }))
      variables.push({ name, table: { columns, rows: one.rows } })
    }
  }
  if (at !== frames.length)
    throw new AppError('invalid', 'The query came with more columns than its tables have.')
  return variables
}
