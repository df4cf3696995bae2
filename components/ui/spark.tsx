/** A line of a few pixels: the shape of the last while, with its range in words for those who cannot see it. */
import { toFigure } from './format.ts'

export function Spark(props: { values: number[]; label: string; width?: number; height?: number }) {
  const { values, width = 120, height = 28 } = props
  if (values.length < 2)
    return <svg width={width} height={height} role="img" aria-label={`${props.label}: no data yet`} />
  const low = Math.min(...values, 0)
  const high = Math.max(...values)
  const span = high - low || 1
  const x = (index: number) => (index / (values.length - 1)) * width
  const y = (value: number) => height - 2 - ((value - low) / span) * (height - 4)
  const line = values.map((value, index) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`).join(' ')
  return (
    <svg
      className="spark"
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      preserveAspectRatio="none"
      role="img"
      aria-label={`${props.label}: from ${toFigure(low)} to ${toFigure(high)}, now ${toFigure(values.at(-1)!)}`}
    >
      <polygon points={`0,${height} ${line} ${width},${height}`} className="spark-area" />
      <polyline points={line} className="spark-line" />
    </svg>
  )
}
