import { Button, Table } from '@mantine/core'
import { keepPreviousData } from '@tanstack/react-query'
import { useState } from 'react'
import { useApi } from '../ui/api.ts'
import { isNumeric, toFigure, toTypedCell } from '../ui/format.ts'
import { Waiting } from '../ui/parts.tsx'

const size = 50
export function ObjectRows({ id, rows }: { id: string; rows: number }) {
  const [offset, setOffset] = useState(0)
  const query = useApi(
    'getObjectRows',
    { params: { id }, query: { offset, limit: size } },
    { placeholderData: keepPreviousData, staleTime: 60_000 },
  )
  if (!query.data) return <Waiting query={query} />
  const { columns } = query.data
  return (
    <div className="stack">
      <div className="table-scroll" style={{ maxHeight: 420, overflowY: 'auto' }}>
        <Table stickyHeader aria-label="Rows">
          <Table.Thead>
            <Table.Tr>
              <Table.Th className="num">#</Table.Th>
              {columns.map((column) => (
                <Table.Th key={column.name} className={isNumeric(column.type) ? 'num' : ''}>
                  {column.name}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {query.data.rows.map((row, index) => (
              <Table.Tr key={offset + index}>
                <Table.Td className="num dim">{offset + index + 1}</Table.Td>
                {row.map((value, at) => (
                  <Table.Td key={at} className={isNumeric(columns[at]?.type) ? 'num' : ''}>
                    {value === null ? (
                      <span className="dim">missing</span>
                    ) : (
                      toTypedCell(value, columns[at]?.type)
                    )}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      <div className="toolbar">
        <span className="dim">
          {toFigure(offset + 1)} to {toFigure(Math.min(rows, offset + size))} of {toFigure(rows)}
        </span>
        <Button
          variant="default"
          disabled={offset === 0}
          onClick={() => setOffset(Math.max(0, offset - size))}
        >
          Earlier rows
        </Button>
        <Button variant="default" disabled={offset + size >= rows} onClick={() => setOffset(offset + size)}>
          Later rows
        </Button>
      </div>
    </div>
  )
}
