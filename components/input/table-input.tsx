import { Checkbox, Pagination, Radio, Table } from '@mantine/core'
import { useState } from 'react'
import type { ControlOf } from '../../runtime/api/inputs.ts'
import type { Json } from '../../runtime/json.ts'
import { type InputProps, toDescription } from './props.ts'

const perPage = 10

/** Rows to select, ten at a time; `value` has their places. */
export function TableInput({ control, disabled, onChange }: InputProps<ControlOf<'table'>>) {
  const { names, types, rows, length, value, select, label, id } = control
  const [page, setPage] = useState(1)
  const pages = Math.ceil(rows.length / perPage)
  const first = (Math.min(page, Math.max(1, pages)) - 1) * perPage
  const chosen = new Set(value)
  const toggle = (at: number) => {
    if (select === 'single') return onChange(chosen.has(at) ? [] : [at])
    return onChange(
      chosen.has(at) ? value.filter((one) => one !== at) : [...value, at].toSorted((a, b) => a - b),
    )
  }
  const { description } = toDescription(control)
  const note = `${value.length} of ${length.toLocaleString('en')} selected`
  return (
    <div className="input-table" role="group" aria-label={label}>
      <div className="input-table-head">
        <b>{label}</b>
        {description && <span className="dim">{description}</span>}
        <span className="dim" role="status">
          {note}
          {rows.length < length && `; the first ${rows.length.toLocaleString('en')} are shown`}
        </span>
      </div>
      <div className="table-scroll">
        <Table aria-label={`${label}, rows`}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={36}>
                {select === 'multiple' && (
                  <Checkbox
                    size="xs"
                    aria-label="Select all rows"
                    disabled={disabled}
                    checked={rows.length > 0 && value.length === rows.length}
                    indeterminate={value.length > 0 && value.length < rows.length}
                    onChange={() => onChange(value.length === rows.length ? [] : rows.map((_, at) => at))}
                  />
                )}
              </Table.Th>
              {names.map((name) => (
                <Table.Th key={name}>{name}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.slice(first, first + perPage).map((row, index) => {
              const at = first + index
              const mark = {
                size: 'xs' as const,
                'aria-label': `Select row ${at + 1}`,
                checked: chosen.has(at),
                disabled,
              }
              return (
                <Table.Tr
                  key={at}
                  data-selected={chosen.has(at) || undefined}
                  onClick={() => !disabled && toggle(at)}
                >
                  <Table.Td onClick={(event) => event.stopPropagation()}>
                    {select === 'single' ? (
                      <Radio {...mark} name={id} onChange={() => toggle(at)} />
                    ) : (
                      <Checkbox {...mark} onChange={() => toggle(at)} />
                    )}
                  </Table.Td>
                  {names.map((name) => (
                    <Table.Td key={name} className={typeof row[name] === 'number' ? 'num' : undefined}>
                      {toCell(row[name] ?? null, types[name])}
                    </Table.Td>
                  ))}
                </Table.Tr>
              )
            })}
          </Table.Tbody>
        </Table>
      </div>
      {pages > 1 && (
        <Pagination
          size="xs"
          total={pages}
          value={page}
          onChange={setPage}
          getControlProps={(name) => ({ 'aria-label': `${name} page` })}
          getItemProps={(number) => ({ 'aria-label': `Page ${number}` })}
        />
      )}
    </div>
  )
}

function toCell(value: Json, type: string | undefined): string {
  if (value === null) return '–'
  if (type === 'time' && typeof value === 'number')
    return new Date(value).toISOString().replace('T', ' ').slice(0, 19)
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
