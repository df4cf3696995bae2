import { useMemo } from 'react'
import { diffLines, type LineDiff } from '../../runtime/notebook/diff.ts'

interface Row {
  before: LineDiff | null
  after: LineDiff | null
}
/** Two texts beside each other, line by line; a sign says what the colour says. */
export function LinesBeside(props: { before: string; after: string; titles: [string, string] }) {
  const rows = useMemo(() => toRows(diffLines(props.before, props.after)), [props.before, props.after])
  return (
    <div
      className="beside"
      role="table"
      aria-label={`${props.titles[0]} beside ${props.titles[1]}`}
      tabIndex={0}
    >
      <div role="row" className="beside-head">
        <span role="columnheader">{props.titles[0]}</span>
        <span role="columnheader">{props.titles[1]}</span>
      </div>
      {rows.map((row, index) => (
        <div role="row" key={index}>
          <Line line={row.before} />
          <Line line={row.after} />
        </div>
      ))}
    </div>
  )
}
const signs = { same: ' ', added: '+', removed: '−' }
function Line({ line }: { line: LineDiff | null }) {
  return (
    <span role="cell" data-kind={line?.kind ?? 'none'}>
      {line && `${signs[line.kind]} ${line.text}`}
    </span>
  )
}

/** Lines that were removed stand beside those that were added in their place. */
export function toRows(lines: readonly LineDiff[]): Row[] {
  const rows: Row[] = []
  let open: Row[] = []
  for (const line of lines) {
    if (line.kind === 'removed') {
      const row = { before: line, after: null }
      rows.push(row)
      open.push(row)
    } else if (line.kind === 'added') {
      const beside = open.shift()
      if (beside) beside.after = line
      else rows.push({ before: null, after: line })
    } else {
      open = []
      rows.push({ before: line, after: line })
    }
  }
  return rows
}
