import { SegmentedControl, Select, Table } from '@mantine/core'
import { keepPreviousData } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type { StreamRollup } from '../../runtime/api/digests.ts'
import type { Stream } from '../../runtime/api/streams.ts'
import { useApi } from '../ui/api.ts'
import { Chart } from '../ui/chart.tsx'
import { toEventTime, toFigure } from '../ui/format.ts'
import { Section, Waiting } from '../ui/parts.tsx'
import { TableScroll } from '../ui/table-scroll.tsx'

const units = { minute: 60_000, hour: 3_600_000 }
type Unit = keyof typeof units
const shown = 120

/** Count and quantiles by minute or hour of event time: what stays for 90 days when the messages are gone. */
export function RollupSection({ stream }: { stream: Stream }) {
  const [unit, setUnit] = useState<Unit>('minute')
  const [chosen, setChosen] = useState<string | null>(null)
  const newest = stream.maxEventTime
  const ms = units[unit]
  const to = newest === null ? 0 : (Math.floor(newest / ms) + 1) * ms
  const query = useApi(
    'findStreamRollups',
    { params: { id: stream.id }, query: { unit, from: to - shown * ms, to, limit: shown } },
    { enabled: newest !== null, placeholderData: keepPreviousData, refetchInterval: 30_000 },
  )
  const items = query.data?.items
  const paths = useMemo(
    () => [...new Set((items ?? []).flatMap(({ fields }) => fields.map(({ path }) => path)))],
    [items],
  )
  const path = chosen !== null && paths.includes(chosen) ? chosen : (paths[0] ?? null)
  return (
    <Section title="By minute and hour" aside="event time, UTC · kept 90 days">
      {newest === null ? (
        <p className="dim">No message yet.</p>
      ) : !items ? (
        <Waiting query={query} lines={4} />
      ) : items.length === 0 ? (
        <p className="dim">Nothing is rolled up of this time yet; it follows the messages by seconds.</p>
      ) : (
        <div className="stack">
          <div className="toolbar">
            <SegmentedControl
              aria-label="Unit"
              size="xs"
              value={unit}
              onChange={(value) => setUnit(value as Unit)}
              data={[
                { value: 'minute', label: 'Minutes' },
                { value: 'hour', label: 'Hours' },
              ]}
            />
            {paths.length > 0 && (
              <Select
                aria-label="Field"
                size="xs"
                allowDeselect={false}
                data={paths.map((one) => ({ value: one, label: one === '$' ? 'the body' : one }))}
                value={path}
                onChange={setChosen}
              />
            )}
          </div>
          <RollupChart items={items} path={path} unit={unit} />
          <details>
            <summary>As a table</summary>
            <RollupTable items={items} path={path} />
          </details>
        </div>
      )}
    </Section>
  )
}

const quantiles = ['p50', 'p90', 'p99'] as const
const dashes = { p50: 'solid', p90: 'dash', p99: 'dot' }
const fieldOf = ({ fields }: StreamRollup, path: string | null) => fields.find((one) => one.path === path)
const toUtc = (at: number): string => new Date(at).toISOString().slice(0, -1)

/** Quantiles above, messages below, on one axis. */
function RollupChart({ items, path, unit }: { items: StreamRollup[]; path: string | null; unit: Unit }) {
  const { data, layout } = useMemo(() => {
    const x = items.map(({ start }) => toUtc(start))
    const lines = (path === null ? [] : quantiles).map((name) => ({
      type: 'scatter',
      mode: items.length > 40 ? 'lines' : 'lines+markers',
      name,
      line: { width: 1.5, dash: dashes[name] },
      x,
      y: items.map((item) => fieldOf(item, path)?.[name] ?? null),
    }))
    const bars = {
      type: 'bar',
      name: 'messages',
      x,
      y: items.map(({ count }) => count),
      width: units[unit],
      yaxis: 'y2',
      marker: { color: 'rgba(128,128,128,.5)' },
    }
    const split = path !== null
    return {
      data: [...lines, bars],
      layout: {
        xaxis: { type: 'date', anchor: 'y2' },
        yaxis: { domain: [0.42, 1], title: { text: path === '$' ? 'the body' : (path ?? '') } },
        yaxis2: {
          domain: split ? [0, 0.3] : [0, 1],
          rangemode: 'tozero',
          title: { text: 'messages' },
          gridcolor: 'rgba(128,128,128,.18)',
          automargin: true,
        },
        bargap: 0,
      },
    }
  }, [items, path, unit])
  return (
    <Chart
      data={data}
      layout={layout}
      height={path === null ? 180 : 320}
      label={
        path === null
          ? `Messages by ${unit}`
          : `Quantiles of ${path === '$' ? 'the body' : path} and messages by ${unit}`
      }
    />
  )
}

function RollupTable({ items, path }: { items: StreamRollup[]; path: string | null }) {
  return (
    <TableScroll height={320}>
      <Table stickyHeader aria-label="Rollups">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>From</Table.Th>
            <Table.Th className="num">Messages</Table.Th>
            <Table.Th className="num">msg/s</Table.Th>
            {path !== null &&
              ['mean', 'min', ...quantiles, 'max'].map((name) => (
                <Table.Th key={name} className="num">
                  {name}
                </Table.Th>
              ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.toReversed().map((item) => {
            const field = fieldOf(item, path)
            return (
              <Table.Tr key={item.start}>
                <Table.Td>{toEventTime(item.start)}</Table.Td>
                <Table.Td className="num">{toFigure(item.count)}</Table.Td>
                <Table.Td className="num">{toFigure(item.rate)}</Table.Td>
                {path !== null &&
                  (['mean', 'min', ...quantiles, 'max'] as const).map((name) => (
                    <Table.Td key={name} className="num">
                      {field ? toFigure(field[name]) : '–'}
                    </Table.Td>
                  ))}
              </Table.Tr>
            )
          })}
        </Table.Tbody>
      </Table>
    </TableScroll>
  )
}
