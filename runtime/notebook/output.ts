/**
 * A list of outputs as a page shows it: an output that replaces an earlier one takes its place. `append` extends the
 * earlier one: text goes on, points are added to the traces of a plot, rows to a table. Pure.
 */
import type { Output } from '../api/runs.ts'
import type { Json, JsonObject } from '../json.ts'
import { isJsonObject } from '../json.ts'

export const plotlyMime = 'application/vnd.plotly.v1+json'
export const tableMime = 'application/vnd.suricate.table+json'
export const errorMime = 'application/vnd.suricate.error+json'
export const progressMime = 'application/vnd.suricate.progress+json'
/** Points of one trace that go on growing; the oldest go. */
const maxPoints = 20_000
const maxText = 1_000_000

/** In the order of where each first stood; what was replaced is gone. */
export function collapse(outputs: readonly Output[]): Output[] {
  const places = new Map<number, Output>()
  const placeOf = new Map<number, number>()
  for (const output of outputs) {
    const place =
      output.replaces === undefined ? output.seq : (placeOf.get(output.replaces) ?? output.replaces)
    placeOf.set(output.seq, place)
    places.set(place, output)
  }
  return [...places].toSorted(([a], [b]) => a - b).map(([, output]) => output)
}

export function appendData(earlier: JsonObject, next: JsonObject): JsonObject {
  const data: JsonObject = { ...earlier }
  for (const [mime, value] of Object.entries(next)) {
    const before = earlier[mime]
    if (typeof before === 'string' && typeof value === 'string' && mime.startsWith('text/'))
      data[mime] = (before + value).slice(-maxText)
    else if (mime === plotlyMime && isJsonObject(before) && isJsonObject(value))
      data[mime] = appendFigure(before, value)
    else if (mime === tableMime && isJsonObject(before) && isJsonObject(value))
      data[mime] = appendTable(before, value)
    else data[mime] = value
  }
  return data
}

function appendFigure(earlier: JsonObject, next: JsonObject): JsonObject {
  const traces = toArray(earlier['data'])
  const data = toArray(next['data']).map((trace, i) => {
    const before = traces[i]
    if (!isJsonObject(before) || !isJsonObject(trace)) return trace
    const joined: JsonObject = { ...before, ...trace }
    for (const axis of ['x', 'y', 'z', 'text', 'values', 'labels'])
      if (Array.isArray(before[axis]) && Array.isArray(trace[axis]))
        joined[axis] = [...before[axis], ...trace[axis]].slice(-maxPoints)
    return joined
  })
  const layout = { ...(isJsonObject(earlier['layout']) ? earlier['layout'] : {}) }
  return { data: [...data, ...traces.slice(data.length)], layout: { ...layout, ...toObject(next['layout']) } }
}
function appendTable(earlier: JsonObject, next: JsonObject): JsonObject {
  return {
    ...earlier,
    ...next,
    length: Number(earlier['length'] ?? 0) + Number(next['length'] ?? 0),
    rows: [...toArray(earlier['rows']), ...toArray(next['rows'])].slice(-100),
  }
}
const toArray = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : [])
const toObject = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {})
