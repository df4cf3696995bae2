'use client'
/** A quantized distribution over time: time to the right, buckets upwards, the count as colour; one key at a time. */
import { Select, Table, useComputedColorScheme } from '@mantine/core'
import { useMemo, useState } from 'react'
import { Chart } from '../ui/chart.tsx'
import { toFigure, toTime } from '../ui/format.ts'
import { FigureBox } from './figure-box.tsx'
import { toGrid } from './figures.ts'
import type { Result } from './result.ts'

/** Perceptually even, from the ground of the page on. */
const light = [
  [0, '#ffffff'],
  [0.01, '#dbe4fb'],
  [0.35, '#6f91e8'],
  [1, '#1f2f6b'],
]
const dark = [
  [0, '#16181c'],
  [0.01, '#26345f'],
  [0.35, '#5a80e4'],
  [1, '#f0e9b4'],
]

export function HeatMap({ result, chart }: { result: Result; chart: boolean }) {
  const isDark = useComputedColorScheme('light') === 'dark'
  const choices = [...result.distributions].flatMap(([name, { columns }]) =>
    [...columns.keys()].map((key) => ({
      value: JSON.stringify([name, key]),
      label: key ? `${name}: ${key}` : name,
    })),
  )
  const [chosen, setChosen] = useState<string | null>(null)
  const choice = choices.find(({ value }) => value === chosen) ?? choices[0]
  const [name, key] = choice ? (JSON.parse(choice.value) as [string, string]) : ['', '']
  const distribution = result.distributions.get(name)
  const grid = useMemo(() => (distribution ? toGrid(distribution, key) : null), [distribution, key])
  const data = useMemo(
    () =>
      grid
        ? [
            {
              type: 'heatmap',
              x: grid.times.map((at) => new Date(at)),
              y: grid.buckets,
              z: grid.counts,
              zmin: 0,
              colorscale: isDark ? dark : light,
              colorbar: { thickness: 8, outlinewidth: 0, title: { text: 'count', side: 'right' } },
              hovertemplate: '%{x|%H:%M:%S}<br>%{y}: %{z}<extra></extra>',
            },
          ]
        : [],
    [grid, isDark],
  )
  const layout = useMemo(
    () => ({
      xaxis: { type: 'date', showgrid: false },
      yaxis: { type: 'category', showgrid: false, title: { text: key.split(', ').at(-1) ?? '' } },
      hovermode: 'closest',
      margin: { l: 90, r: 8, t: 8, b: 36 },
    }),
    [key],
  )
  if (!choice || !distribution || !grid) return null
  const scale = distribution.scale === 'log2' ? 'powers of two' : 'equal steps'
  return (
    <FigureBox
      title="Distribution over time"
      chart={chart}
      aside={
        <>
          <span>{scale}</span>
          <Select
            aria-label="Which distribution"
            size="xs"
            searchable
            allowDeselect={false}
            data={choices}
            value={choice.value}
            onChange={setChosen}
          />
        </>
      }
      figure={
        grid.buckets.length === 0 ? (
          <p className="dim">Nothing was counted yet.</p>
        ) : (
          <Chart data={data} layout={layout} height={300} label={`${choice.label} over time, in ${scale}`} />
        )
      }
      table={
        <div className="table-scroll probe-table" tabIndex={0} role="group" aria-label="Distribution, table">
          <Table aria-label={`${choice.label} over time`} stickyHeader>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Time</Table.Th>
                {grid.buckets.map((bucket) => (
                  <Table.Th key={bucket} className="num">
                    {bucket}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {grid.times
                .map((at, column) => ({ at, column }))
                .toReversed()
                .slice(0, 60)
                .map(({ at, column }) => (
                  <Table.Tr key={`${at}-${column}`}>
                    <Table.Td>{toTime(at, { seconds: true })}</Table.Td>
                    {grid.counts.map((row, index) => (
                      <Table.Td key={grid.buckets[index]} className="num">
                        {toFigure(row[column] ?? 0)}
                      </Table.Td>
                    ))}
                  </Table.Tr>
                ))}
            </Table.Tbody>
          </Table>
        </div>
      }
    />
  )
}
