'use client'
import { Button, Table } from '@mantine/core'
import { useState } from 'react'
import type { Row } from '../../runtime/api/deployments.ts'
import { download, toCsv } from '../output/text.ts'
import { toCell, toEventTime } from '../ui/format.ts'
import { TableScroll } from '../ui/table-scroll.tsx'

/** The table behind the chart. */
export function RowTable({ rows }: { rows: Row[] }) {
  const [open, setOpen] = useState(false)
  if (rows.length === 0) return null
  const names = [...new Set(rows.flatMap((row) => Object.keys(row.fields)))].slice(0, 20)
  const save = () =>
    download(
      'windows.csv',
      toCsv(
        ['start', 'end', 'key', ...names],
        rows.map((row) => [
          new Date(row.start).toISOString(),
          new Date(row.end).toISOString(),
          row.key,
          ...names.map((name) => row.fields[name]),
        ]),
      ),
      'text/csv',
    )
  return (
    <>
      <div className="toolbar">
        <Button variant="subtle" color="gray" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? 'Hide the table' : 'Show as table'}
        </Button>
        <Button variant="subtle" color="gray" onClick={save}>
          Download as CSV
        </Button>
      </div>
      {open && (
        <TableScroll height={360}>
          <Table stickyHeader verticalSpacing={3} aria-label="Windows">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Window ends</Table.Th>
                <Table.Th>Key</Table.Th>
                {names.map((name) => (
                  <Table.Th key={name} className="num">
                    {name}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows
                .toReversed()
                .slice(0, 200)
                .map((row) => (
                  <Table.Tr key={row.id}>
                    <Table.Td>{toEventTime(row.end)}</Table.Td>
                    <Table.Td>{row.key ?? '–'}</Table.Td>
                    {names.map((name) => (
                      <Table.Td key={name} className="num">
                        {toCell(row.fields[name])}
                      </Table.Td>
                    ))}
                  </Table.Tr>
                ))}
            </Table.Tbody>
          </Table>
        </TableScroll>
      )}
    </>
  )
}
