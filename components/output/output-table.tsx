/**
 * A table as an output: small ones with their rows, others with the rows that the server keeps. Both sort, filter by
 * column and tell what is in a column.
 */
import { Button } from '@mantine/core'
import { useInViewport } from '@mantine/hooks'
import { useMemo, useState, type ReactNode } from 'react'
import type { z } from 'zod'
import { tableOutput } from '../../runtime/api/runs.ts'
import type { Json } from '../../runtime/json.ts'
import { statusOf, toText, useApi } from '../ui/api.ts'
import { toFigure } from '../ui/format.ts'
import { ColumnHead } from './table/column-head.tsx'
import { Grid } from './table/grid.tsx'
import { type ColumnProfile, toProfile } from './table/profile.ts'
import { useRemoteRows } from './table/remote-rows.ts'
import { ClearFilters, LocalTools, RemoteTools } from './table/table-tools.tsx'
import { applyView, ask, type Column, turnSort, type View, wholeView } from './table/view.ts'

type TableValue = z.infer<typeof tableOutput>
/** What a page scrolls over at once: a higher element is cut by browsers. */
const maxScroll = 1_000_000
const headHeight = 52

export function OutputTable({ value }: { value: unknown }) {
  const parsed = useMemo(() => tableOutput.safeParse(value), [value])
  if (!parsed.success) return <p className="dim">This table has another form than the page knows.</p>
  return parsed.data.ref === undefined ? (
    <LocalTable table={parsed.data} />
  ) : (
    <RemoteTable table={parsed.data} id={parsed.data.ref} />
  )
}
const toColumns = (table: TableValue): Column[] =>
  table.names.map((name) => ({ name, type: table.types[name] ?? 'text' }))
const toRows = (table: TableValue): Json[][] =>
  table.rows.map((row) => table.names.map((name) => (row[name] ?? null) as Json))

export function LocalTable({ table, label = 'Output table' }: { table: TableValue; label?: string }) {
  const [view, setView] = useState(wholeView)
  const columns = useMemo(() => toColumns(table), [table])
  const all = useMemo(() => toRows(table), [table])
  const rows = useMemo(() => applyView(all, columns, view), [all, columns, view])
  const profile = useMemo(() => toProfile(columns, all), [columns, all])
  return (
    <Frame
      table={table}
      view={view}
      onView={setView}
      shown={rows.length}
      all={all.length}
      note={table.note ?? (all.length < table.length ? `first ${toFigure(all.length)} rows here` : undefined)}
      tools={<LocalTools columns={columns} rows={rows} />}
    >
      <Grid
        columns={columns}
        count={rows.length}
        total={rows.length}
        row={(index) => rows[index]}
        sample={all[0]}
        sort={view.sort}
        label={label}
        headHeight={headHeight}
        head={(column, index) => toHead(column, profile[index], all.length, view, setView)}
      />
    </Frame>
  )
}

function RemoteTable({ table, id }: { table: TableValue; id: string }) {
  const [view, setView] = useState(wholeView)
  const [start, setStart] = useState(0)
  const { ref, inViewport } = useInViewport<HTMLDivElement>()
  const [wasSeen, setWasSeen] = useState(false)
  if (inViewport && !wasSeen) setWasSeen(true)
  const columns = useMemo(() => toColumns(table), [table])
  const early = useMemo(() => toRows(table), [table])
  const rows = useRemoteRows(id, view, start)
  const profile = useApi('getTableProfile', { params: { id } }, { enabled: wasSeen, staleTime: Infinity })
  const isWhole = view.sort === null && Object.keys(view.filters).length === 0
  const total = rows.total ?? table.length
  const change = (next: View) => {
    setStart(0)
    setView(next)
  }
  if (rows.error && statusOf(rows.error) === 404)
    return (
      <LocalTable table={{ ...table, note: 'The other rows are not kept any more; run the cell again.' }} />
    )
  return (
    <div ref={ref} aria-busy={rows.waiting}>
      <Frame
        table={table}
        view={view}
        onView={change}
        shown={total}
        all={table.length}
        note={rows.error ? toText(rows.error) : undefined}
        tools={<RemoteTools table={id} view={view} />}
      >
        <Grid
          key={start}
          columns={columns}
          count={Math.min(maxScroll, total - start)}
          total={total}
          first={start}
          sample={early[0]}
          row={(index) => rows.row(index) ?? (isWhole ? early[start + index] : undefined)}
          sort={view.sort}
          label="Output table"
          headHeight={headHeight}
          onSeen={rows.onSeen}
          head={(column, index) => toHead(column, profile.data?.columns[index], table.length, view, change)}
        />
        {total > maxScroll && <Stretches total={total} start={start} onStart={setStart} />}
      </Frame>
    </div>
  )
}
/** Of a table that is higher than a page can be. */
function Stretches(props: { total: number; start: number; onStart: (start: number) => void }) {
  const { total, start, onStart } = props
  const end = Math.min(total, start + maxScroll)
  return (
    <div className="grid-stretches">
      <Button
        size="compact-xs"
        variant="default"
        disabled={start === 0}
        onClick={() => onStart(start - maxScroll)}
      >
        Rows before
      </Button>
      <span>
        rows {toFigure(start + 1)} to {toFigure(end)}
      </span>
      <Button
        size="compact-xs"
        variant="default"
        disabled={end === total}
        onClick={() => onStart(start + maxScroll)}
      >
        Rows after
      </Button>
    </div>
  )
}

function toHead(
  column: Column,
  profile: ColumnProfile | undefined,
  rows: number,
  view: View,
  onView: (view: View) => void,
): ReactNode {
  return (
    <ColumnHead
      column={column}
      sort={view.sort}
      asked={view.filters[column.name]}
      profile={profile}
      rows={rows}
      onSort={() => onView(turnSort(view, column.name))}
      onAsk={(asked) => onView(ask(view, column.name, asked))}
    />
  )
}
function Frame(props: {
  table: TableValue
  view: View
  onView: (view: View) => void
  shown: number
  all: number
  note: string | undefined
  tools: ReactNode
  children: ReactNode
}) {
  const { table, shown, all, note } = props
  return (
    <div className="out-table">
      <div className="out-table-head">
        <span role="status">
          table {toFigure(table.length)} × {table.names.length}
          {shown < all && ` · ${toFigure(shown)} match`}
          {note && <span className="dim"> · {note}</span>}
        </span>
        <ClearFilters view={props.view} onView={props.onView} />
        {props.tools}
      </div>
      {props.children}
      {shown === 0 && <p className="dim pad">No row matches the filters.</p>}
    </div>
  )
}
