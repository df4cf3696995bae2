'use client'
/** Who takes how much: by process, or by the first key of a map. */
import { Select, Table } from '@mantine/core'
import { useMemo, useState, type ReactNode } from 'react'
import { Chart } from '../ui/chart.tsx'
import { toBytes, toFigure } from '../ui/format.ts'
import { coloursOf } from '../ui/theme.ts'
import { FigureBox } from './figure-box.tsx'
import { findPieChoices, findSlices, toPie, type PieChoice } from './figures.ts'
import type { Result } from './result.ts'

const layout = { showlegend: false, margin: { l: 8, r: 8, t: 40, b: 40 }, hovermode: 'closest' }

export function Pie({ result, chart }: { result: Result; chart: boolean }) {
  const choices = findPieChoices(result)
  const [chosen, setChosen] = useState<string | null>(null)
  const choice = choices.find(({ id }) => id === chosen) ?? choices[0]
  if (!choice) return null
  return (
    <PieOf
      result={result}
      chart={chart}
      id={choice.id}
      label={choice.label}
      unit={choice.unit}
      aside={
        <Select
          aria-label="What the pie shows"
          size="xs"
          allowDeselect={false}
          data={choices.map(({ id, label }) => ({ value: id, label }))}
          value={choice.id}
          onChange={setChosen}
        />
      }
    />
  )
}

interface Props extends PieChoice {
  result: Result
  chart: boolean
  aside: ReactNode
}
function PieOf({ result, chart, id, label, unit, aside }: Props) {
  const slices = useMemo(() => findSlices(result, id), [result, id])
  const data = useMemo(() => {
    const pie = toPie(slices)
    return [
      {
        type: 'pie',
        hole: 0.45,
        sort: false,
        direction: 'clockwise',
        labels: pie.map(({ name }) => name),
        values: pie.map(({ value }) => value),
        text: pie.map(({ value }) => toAmount(value, unit)),
        marker: { colors: coloursOf(pie.map(({ name }) => name)) },
        textinfo: 'label+percent',
        textposition: 'outside',
        hovertemplate: '%{label}: %{text} (%{percent})<extra></extra>',
      },
    ]
  }, [slices, unit])
  const whole = slices.reduce((sum, { value }) => sum + value, 0)
  return (
    <FigureBox
      title="By process"
      chart={chart}
      aside={aside}
      figure={
        slices.length === 0 ? (
          <p className="dim">Nobody takes any of it now.</p>
        ) : (
          <Chart data={data} layout={layout} height={300} label={`${label} by process`} />
        )
      }
      table={
        <div className="table-scroll probe-table" tabIndex={0} role="group" aria-label="By process, table">
          <Table aria-label={`${label} by process`} stickyHeader>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{unit === 'count' ? 'Key' : 'Process'}</Table.Th>
                <Table.Th className="num">{label}</Table.Th>
                <Table.Th className="num">Share</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {slices.slice(0, 100).map(({ name, value }) => (
                <Table.Tr key={name}>
                  <Table.Td>{name}</Table.Td>
                  <Table.Td className="num">{toAmount(value, unit)}</Table.Td>
                  <Table.Td className="num">{toFigure((value / whole) * 100)} %</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      }
    />
  )
}
function toAmount(value: number, unit: PieChoice['unit'] | undefined): string {
  if (unit === 'bytes') return toBytes(value)
  if (unit === 'bytes/s') return `${toBytes(value)}/s`
  return unit === 'cores' ? `${toFigure(value * 100)} % of a core` : toFigure(value)
}
