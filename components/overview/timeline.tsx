/**
 * One time axis for messages, scores, runs, actions and alerts. Drawn as SVG by hand: it is renewed every few seconds
 * and has to cost nothing. The axis is the last hour, or less while the workspace is younger than that.
 */
import { Button } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { useRouter } from 'next/navigation'
import { useState, type PointerEvent } from 'react'
import type { Overview } from '../../runtime/api/overview.ts'
import { toEventTime, toFigure, toTime } from '../ui/format.ts'
import { TimelineTable } from './timeline-table.tsx'

type Item = Overview['timeline'][number]
const lanes = [
  { kind: 'messages', label: 'Messages', height: 40 },
  { kind: 'row', label: 'Scores', height: 64 },
  { kind: 'run', label: 'Runs', height: 22 },
  { kind: 'action', label: 'Actions', height: 22 },
  { kind: 'alert', label: 'Alerts', height: 22 },
] as const
const left = 76
const total = lanes.reduce((sum, lane) => sum + lane.height + 6, 0) + 20

export function Timeline({ overview }: { overview: Overview }) {
  const { ref, width } = useElementSize()
  const router = useRouter()
  const [at, setAt] = useState<number | null>(null)
  const [asTable, setAsTable] = useState(false)
  const items = overview.timeline
  const to = overview.at
  const spark = overview.data.spark.filter((point) => point.value > 0)
  const first = Math.min(items[0]?.at ?? to, spark[0]?.at ?? to)
  const from = Math.max(to - 3_600_000, Math.min(first - 5_000, to - 120_000))
  const inner = Math.max(40, width - left - 8)
  const x = (time: number) => left + ((time - from) / (to - from)) * inner
  const near = at === null ? [] : nearest(items, at, ((to - from) / inner) * 8)

  function move(event: PointerEvent<SVGSVGElement>) {
    const box = event.currentTarget.getBoundingClientRect()
    const position = event.clientX - box.left
    setAt(position < left ? null : from + ((position - left) / inner) * (to - from))
  }
  function go() {
    const item = near.at(-1)
    if (item?.link) router.push(item.link)
  }
  if (items.length === 0 && spark.length === 0)
    return (
      <p className="dim">
        Nothing happened yet. Messages, scores, runs, actions and alerts appear here as they come.
      </p>
    )
  return (
    <div className="timeline" ref={ref}>
      <svg
        width={Math.max(width, 1)}
        height={total}
        role="img"
        aria-label={`Timeline from ${toTime(from)} to ${toTime(to)}: ${items.length} events. The table below has them all.`}
        onPointerMove={move}
        onPointerLeave={() => setAt(null)}
        onClick={go}
        style={{ cursor: near.length > 0 ? 'pointer' : 'default' }}
      >
        {lanes.map((lane, index) => {
          const top = lanes.slice(0, index).reduce((sum, one) => sum + one.height + 6, 0)
          return (
            <g key={lane.kind} transform={`translate(0 ${top})`}>
              <text x={0} y={lane.height / 2 + 4} className="lane-name">
                {lane.label}
              </text>
              <line x1={left} x2={left + inner} y1={lane.height} y2={lane.height} className="lane-line" />
              {lane.kind === 'messages' ? (
                <Messages points={overview.data.spark} x={x} from={from} height={lane.height} />
              ) : lane.kind === 'row' ? (
                <Scores items={items} x={x} from={from} height={lane.height} />
              ) : (
                <Marks items={items} kind={lane.kind} x={x} from={from} height={lane.height} />
              )}
            </g>
          )
        })}
        <Ticks from={from} to={to} x={x} y={total - 6} count={Math.max(2, Math.floor(inner / 130))} />
        {at !== null && <line x1={x(at)} x2={x(at)} y1={0} y2={total - 20} className="instant" />}
      </svg>
      {near.length > 0 && at !== null && (
        <div className="instant-note" style={x(at) > width / 2 ? { left: left + 8 } : { right: 8 }}>
          {near.slice(-6).map((item) => (
            <div key={`${item.kind}${item.id}`}>
              <b>{item.title}</b> {item.state}
              {item.value !== null && ` ${toFigure(item.value)}`}
              <span className="dim">
                {' '}
                {item.eventTime === null ? toTime(item.at) : toEventTime(item.eventTime)}
              </span>
            </div>
          ))}
        </div>
      )}
      <Button variant="subtle" color="gray" onClick={() => setAsTable(!asTable)} aria-expanded={asTable}>
        {asTable ? 'Hide the table' : 'Show as table'}
      </Button>
      {asTable && <TimelineTable items={items} />}
    </div>
  )
}

interface Lane {
  x: (time: number) => number
  from: number
  height: number
}
function Messages({ points, x, from, height }: Lane & { points: { at: number; value: number }[] }) {
  const seen = points.filter((point) => point.at >= from)
  const high = Math.max(1, ...seen.map((point) => point.value))
  if (seen.length < 2) return null
  const line = seen.map(
    (point) => `${x(point.at).toFixed(1)},${(height - (point.value / high) * (height - 4)).toFixed(1)}`,
  )
  return (
    <>
      <polygon
        points={`${x(seen[0]!.at)},${height} ${line.join(' ')} ${x(seen.at(-1)!.at)},${height}`}
        className="spark-area"
      />
      <polyline points={line.join(' ')} className="spark-line" />
    </>
  )
}
function Scores({ items, x, from, height }: Lane & { items: Item[] }) {
  const rows = items.filter((item) => item.kind === 'row' && item.value !== null && item.at >= from)
  if (rows.length === 0) return null
  const values = rows.map((row) => row.value!)
  const low = Math.min(...values)
  const span = Math.max(...values) - low || 1
  return rows.map((row) => (
    <circle
      key={row.id}
      cx={x(row.at)}
      cy={height - 4 - ((row.value! - low) / span) * (height - 8)}
      r={2}
      className="score-dot"
    />
  ))
}
function Marks({ items, kind, x, from, height }: Lane & { items: Item[]; kind: string }) {
  const mid = height / 2
  return items
    .filter((item) => item.kind === kind && item.at >= from)
    .map((item) => {
      const bad = ['failed', 'open', 'timed_out', 'rejected'].includes(item.state)
      const cx = x(item.at)
      return kind === 'alert' ? (
        <path key={item.id} d={`M${cx} ${mid - 7} l7 12 h-14 Z`} className="mark mark-bad" />
      ) : (
        <rect
          key={item.id}
          x={cx - 3}
          y={mid - 6}
          width={6}
          height={12}
          rx={2}
          className={bad ? 'mark mark-bad' : 'mark'}
        />
      )
    })
}
function Ticks(props: { from: number; to: number; x: (time: number) => number; y: number; count: number }) {
  const step = (props.to - props.from) / props.count
  return Array.from({ length: props.count }, (_, index) => {
    const time = props.from + step * (index + 0.5)
    return (
      <text key={index} x={props.x(time)} y={props.y} textAnchor="middle" className="tick">
        {new Date(time).toLocaleTimeString('sv-SE')}
      </text>
    )
  })
}
function nearest(items: Item[], at: number, reach: number): Item[] {
  return items.filter((item) => Math.abs(item.at - at) <= reach)
}
