/**
 * What may cross into the frame as a figure: plain JSON of known trace types, within bounds. Images from elsewhere,
 * links and anything that is not data are left behind.
 */

export type Data = Record<string, unknown>
export interface Figure {
  data: Data[]
  layout: Data
}
const traceTypes = new Set(
  'scatter scattergl bar histogram histogram2d histogram2dcontour box violin heatmap contour pie sunburst treemap icicle funnel waterfall candlestick ohlc indicator table sankey parcoords splom scatterpolar barpolar scatter3d surface mesh3d carpet'.split(
    ' ',
  ),
)
const maxTraces = 100
const maxDepth = 24
const maxHeight = 2000

export function parseFigure(value: unknown): Figure | undefined {
  if (!isData(value) || !Array.isArray(value.data)) return undefined
  if (value.data.length > maxTraces) return undefined
  const data: Data[] = []
  for (const trace of value.data) {
    if (!isData(trace)) return undefined
    if (!traceTypes.has(typeof trace.type === 'string' ? trace.type : 'scatter')) return undefined
    data.push(clean(trace, 0) as Data)
  }
  const layout = isData(value.layout) ? (clean(value.layout, 0) as Data) : {}
  delete layout.images
  return { data, layout }
}

export function heightOf(figure: Figure): number {
  const height = figure.layout.height
  return typeof height === 'number' && height > 0 ? Math.min(maxHeight, Math.max(80, height)) : 320
}

function clean(value: unknown, depth: number): unknown {
  if (depth > maxDepth) return null
  if (typeof value === 'string')
    return value.replaceAll(/<\s*a\b[^>]*>/gi, '').replaceAll(/<\s*\/\s*a\s*>/gi, '')
  if (Array.isArray(value))
    return typeof value[0] === 'number' ? value : value.map((item) => clean(item, depth + 1))
  if (!isData(value)) return value
  const result: Data = {}
  for (const [key, item] of Object.entries(value))
    if (!['__proto__', 'constructor', 'prototype', 'source'].includes(key))
      result[key] = clean(item, depth + 1)
  return result
}

export function isData(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
