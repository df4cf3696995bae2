'use client'
/** The variables that the kernel holds. They are read by the server without running any of the notebook's code. */
import { Table, TextInput } from '@mantine/core'
import { Fragment, useMemo, useState } from 'react'
import type { Variable } from '../../runtime/api/runs.ts'
import { toBytes, toCount } from '../ui/format.ts'
import { Empty, Waiting } from '../ui/parts.tsx'
import type { PanelProps } from './panel.ts'
import { useVariables } from './values.ts'
import './kernel-panels.css'

type Order = 'name' | 'bytes'

export function VariablesPanel({ kernel, draft, onGo }: PanelProps) {
  const query = useVariables(kernel)

  if (!query.alive)
    return <Empty title="No variables">There is no kernel. It starts with the first cell that runs.</Empty>
  if (!query.data) return <Waiting query={query} />
  const { items, live, nextCursor } = query.data
  const numberOf = new Map(draft.cells.map((cell, index) => [cell.id, index + 1]))
  return (
    <div className="stack">
      {!live && (
        <p className="dim" role="status">
          The kernel is busy: these are the variables of before.
        </p>
      )}
      {items.length === 0 ? (
        <Empty title="No variables">What a cell declares is listed here after it ran.</Empty>
      ) : (
        <VariableTable items={items} numberOf={numberOf} onGo={onGo} />
      )}
      {nextCursor !== null && (
        <p className="dim">The first {toCount(items.length, 'variable')} are listed.</p>
      )}
    </div>
  )
}

interface TableProps {
  items: Variable[]
  numberOf: Map<string, number>
  onGo: (id: string) => void
}
function VariableTable({ items, numberOf, onGo }: TableProps) {
  const [filter, setFilter] = useState('')
  const [order, setOrder] = useState<Order>('name')
  const [open, setOpen] = useState<string | null>(null)
  const shown = useMemo(() => {
    const text = filter.trim().toLowerCase()
    const found = items.filter(
      ({ name, type }) => name.toLowerCase().includes(text) || type.toLowerCase().includes(text),
    )
    return order === 'name' ? found : found.toSorted((a, b) => (b.bytes ?? 0) - (a.bytes ?? 0))
  }, [items, filter, order])
  const head = (name: Order, label: string) => (
    <Table.Th aria-sort={order === name ? (name === 'name' ? 'ascending' : 'descending') : 'none'}>
      <button type="button" onClick={() => setOrder(name)}>
        {label}
      </button>
    </Table.Th>
  )
  return (
    <>
      <TextInput
        label="Filter"
        placeholder="Name or type"
        value={filter}
        onChange={(event) => setFilter(event.currentTarget.value)}
      />
      <p className="dim" role="status">
        {shown.length === items.length
          ? toCount(items.length, 'variable')
          : `${shown.length} of ${toCount(items.length, 'variable')}`}
      </p>
      <Table className="variables" aria-label="Variables">
        <Table.Thead>
          <Table.Tr>
            {head('name', 'Name')}
            <Table.Th>Type</Table.Th>
            {head('bytes', 'Size')}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shown.map((variable) => {
            const { name, type, shape, bytes } = variable
            const isOpen = open === name
            return (
              <Fragment key={name}>
                <Table.Tr>
                  <Table.Td>
                    <button
                      type="button"
                      className="variables-name"
                      aria-expanded={isOpen}
                      onClick={() => setOpen(isOpen ? null : name)}
                    >
                      {name}
                    </button>
                  </Table.Td>
                  <Table.Td>
                    {type}
                    {shape !== null && <span className="dim"> {shape}</span>}
                  </Table.Td>
                  <Table.Td className="variables-size">{bytes === null ? '–' : toBytes(bytes)}</Table.Td>
                </Table.Tr>
                {isOpen && (
                  <Table.Tr>
                    <Table.Td colSpan={3}>
                      <pre className="variables-preview">{variable.preview || 'Nothing to show of it.'}</pre>
                      <Origin variable={variable} numberOf={numberOf} onGo={onGo} />
                    </Table.Td>
                  </Table.Tr>
                )}
              </Fragment>
            )
          })}
        </Table.Tbody>
      </Table>
    </>
  )
}

function Origin({ variable: { cell }, numberOf, onGo }: Omit<TableProps, 'items'> & { variable: Variable }) {
  if (cell === null) return <span className="dim">scratch, of the interactive line</span>
  const number = numberOf.get(cell)
  if (number === undefined) return <span className="dim">of a cell that is no longer there</span>
  return (
    <button type="button" className="variables-name" onClick={() => onGo(cell)}>
      Go to cell {number}
    </button>
  )
}
