'use client'
/**
 * Value above, score with its threshold below, actions as marks, on one axis of event time. Which field is what is
 * told by its name: score-like names go below, a threshold is a line across, everything else numeric is a value.
 */
import { useMemo } from 'react'
import type { Action } from '../../runtime/api/actions.ts'
import type { Row } from '../../runtime/api/deployments.ts'
import { Chart } from '../ui/chart.tsx'
import { colourOf } from '../ui/theme.ts'

const scoreName = /score|probab|anomal|distance|z$/i
const thresholdName = /thresh|limit|bound/i

export function RowChart(props: { rows: Row[]; actions: Action[]; onAction: (id: string) => void }) {
  const { rows, actions } = props
  const { data, layout } = useMemo(() => toChart(rows, actions), [rows, actions])
  if (rows.length === 0)
    return <p className="dim">No window is complete yet. Each one appears here as soon as it is committed.</p>
  return (
    <Chart
      data={data}
      layout={layout}
      height={380}
      label="Windows over event time: values, score with threshold, actions"
      onPoint={(point) => {
        if (typeof point.data === 'string') props.onAction(point.data)
      }}
    />
  )
}

function toChart(rows: Row[], actions: Action[]) {
  const names = [
    ...new Set(
      rows.flatMap((row) =>
        Object.entries(row.fields)
          .filter(([, value]) => typeof value === 'number')
          .map(([name]) => name),
      ),
    ),
  ].slice(0, 12)
  const below = names.filter((name) => scoreName.test(name) || thresholdName.test(name))
  const x = rows.map((row) => new Date(row.end).toISOString())
  const line = (name: string) => {
    const threshold = thresholdName.test(name)
    return {
      type: 'scatter',
      mode: 'lines',
      name: name.replaceAll('<', '‹'),
      x,
      y: rows.map((row) => (typeof row.fields[name] === 'number' ? row.fields[name] : null)),
      line: {
        width: 1.5,
        color: threshold ? '#c4572f' : colourOf(name),
        ...(threshold ? { dash: 'dash' } : {}),
      },
      ...(below.includes(name) ? { yaxis: 'y2' } : {}),
    }
  }
  const score = below.find((name) => !thresholdName.test(name)) ?? names[0]
  const at = (time: number) => rows.find((row) => row.end >= time)?.fields[score ?? '']
  const fired = actions.filter((action) => action.at >= (rows[0]?.start ?? 0))
  const marks = {
    type: 'scatter',
    mode: 'markers',
    name: 'actions',
    x: fired.map((action) => new Date(action.at).toISOString()),
    y: fired.map((action) => (typeof at(action.at) === 'number' ? at(action.at) : 0)),
    customdata: fired.map((action) => action.id),
    text: fired.map((action) => `${action.kind} ${action.state}`),
    hovertemplate: '%{text}<extra></extra>',
    marker: { symbol: 'triangle-up', size: 12, color: '#c0282d', line: { width: 1, color: '#ffffff' } },
    ...(score !== undefined && below.includes(score) ? { yaxis: 'y2' } : {}),
  }
  const split = below.length > 0 && below.length < names.length
  const layout = {
    xaxis: { type: 'date', anchor: split ? 'y2' : 'y' },
    yaxis: { domain: split ? [0.5, 1] : [0, 1] },
    yaxis2: {
      domain: split ? [0, 0.42] : [0, 1],
      rangemode: 'tozero',
      gridcolor: 'rgba(128,128,128,.18)',
      automargin: true,
      ...(split ? {} : { overlaying: 'y' }),
    },
    legend: { orientation: 'h', y: -0.12 },
  }
  return { data: [...names.map(line), ...(fired.length > 0 ? [marks] : [])], layout }
}
