import { ActionIcon, Table, TextInput, Tooltip, UnstyledButton } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconDownload } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { tableOutput } from '../../runtime/api/runs.ts'
import { toCell, toFigure, toTime } from '../ui/format.ts'
import { download, toCsv } from './text.ts'

const shown = 200
interface Sort {
  name: string
  down: boolean
}
/** A table that sorts and filters; of a long one the first rows, which is said. */
export function OutputTable({ value }: { value: unknown }) {
  const parsed = useMemo(() => tableOutput.safeParse(value), [value])
  const [sort, setSort] = useState<Sort | null>(null)
  const [filter, setFilter] = useState('')
  const table = parsed.data
  const rows = useMemo(() => {
    if (!table) return []
    const wanted = filter.trim().toLowerCase()
    const kept = wanted
      ? table.rows.filter((row) =>
          table.names.some((name) => show(row[name], table.types[name]).toLowerCase().includes(wanted)),
        )
      : table.rows
    return sort ? kept.toSorted((a, b) => (sort.down ? -1 : 1) * compare(a[sort.name], b[sort.name])) : kept
  }, [table, filter, sort])
  if (!table) return <p className="dim">This table has another form than the page knows.</p>
  const turn = (name: string) =>
    setSort((before) =>
      before?.name !== name ? { name, down: false } : before.down ? null : { name, down: true },
    )
  const numeric = (name: string) => ['number', 'integer', 'bigint'].includes(table.types[name] ?? '')
  const save = () =>
    download(
      'table.csv',
      toCsv(
        table.names,
        rows.map((row) => table.names.map((name) => row[name])),
      ),
      'text/csv',
    )
  return (
    <div className="out-table">
      <div className="out-table-head">
        <span>
          table {toFigure(table.length)} × {table.names.length}
          {table.rows.length < table.length && (
            <span className="dim"> · first {toFigure(table.rows.length)} rows here</span>
          )}
        </span>
        <TextInput
          size="xs"
          placeholder="Filter"
          aria-label="Filter the rows"
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
        />
        <Tooltip label="Download these rows as CSV">
          <ActionIcon aria-label="Download these rows as CSV" onClick={save}>
            <IconDownload size={16} />
          </ActionIcon>
        </Tooltip>
      </div>
      <div className="table-scroll out-table-rows">
        <Table stickyHeader verticalSpacing={3} aria-label="Output table">
          <Table.Thead>
            <Table.Tr>
              {table.names.map((name) => (
                <Table.Th
                  key={name}
                  className={numeric(name) ? 'num' : ''}
                  aria-sort={sort?.name === name ? (sort.down ? 'descending' : 'ascending') : 'none'}
                >
                  <UnstyledButton
                    className="sort"
                    onClick={() => turn(name)}
                    title={`${table.types[name] ?? ''}; click to sort`}
                  >
                    {name}
                    {sort?.name === name &&
                      (sort.down ? <IconArrowDown size={12} /> : <IconArrowUp size={12} />)}
                  </UnstyledButton>
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.slice(0, shown).map((row, index) => (
              <Table.Tr key={index}>
                {table.names.map((name) => (
                  <Table.Td key={name} className={numeric(name) ? 'num' : ''}>
                    {row[name] === null || row[name] === undefined ? (
                      <span className="dim">missing</span>
                    ) : (
                      show(row[name], table.types[name])
                    )}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        {rows.length === 0 && <p className="dim pad">No row has “{filter}”.</p>}
      </div>
    </div>
  )
}

function show(value: unknown, type: string | undefined): string {
  if (type === 'time' && typeof value === 'number') return toTime(value, { utc: true })
  return toCell(value)
}
function compare(a: unknown, b: unknown): number {
  if (a === null || a === undefined) return b === null || b === undefined ? 0 : 1
  if (b === null || b === undefined) return -1
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return toCell(a).localeCompare(toCell(b), 'en', { numeric: true })
}
