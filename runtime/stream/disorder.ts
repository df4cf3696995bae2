/**
 * How far the messages of a stream come out of order, seen in the order of their arrival, and what each bound would do
 * with them. The disorder of a message is how far its event time lies behind the greatest one before it; with the
 * bound b it is behind the watermark when its disorder is above b, and it can be rejected when it is above b plus
 * lateness. What a window does with it depends on the window too: one that is still open takes it, so rejects are
 * the most that can be. Pure: the messages decide.
 */
export interface Arrival {
  seq: number
  /** ms UTC, both. */
  eventTime: number
  receivedAt: number
}
export type Order = 'inOrder' | 'outOfOrder' | 'late' | 'rejected'
export interface TimeView {
  /** How many were looked at. */
  messages: number
  outOfOrder: number
  late: number
  rejected: number
  /** In the order of arrival; where there are more than `maxPoints`, a part of those in order, evenly taken. */
  points: (Arrival & { state: Order })[]
  /** Where the watermark stands from each instant of arrival on, ms UTC. */
  watermark: { at: number; watermark: number }[]
  /** Messages with a disorder in (from, to] ms; the first is those in order, {from: 0, to: 0}; the last may have no end. */
  histogram: { from: number; to: number | null; count: number }[]
  /** What each bound in ms would do. */
  choices: { bound: number; behind: number; rejected: number }[]
  /** The least of the choices that leaves at most one in a thousand behind, ms. */
  proposed: number
}

export const maxPoints = 1000
const maxSteps = 500
const behindShare = 0.001
const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000] as const
/** Bounds that people would choose, ms. */
const bounds = [
  0,
  10,
  100,
  second,
  5 * second,
  10 * second,
  30 * second,
  minute,
  5 * minute,
  15 * minute,
  hour,
].concat([6 * hour, day, 7 * day, 30 * day, 365 * day])

/** `arrivals` by seq ascending; bound and lateness in ms, those of the stream as it is. */
export function viewTime(arrivals: readonly Arrival[], now: { bound: number; lateness: number }): TimeView {
  let latest = -Infinity
  const seen = arrivals.map(({ seq, eventTime, receivedAt }) => {
    const disorder = latest === -Infinity ? 0 : Math.max(latest - eventTime, 0)
    latest = Math.max(latest, eventTime)
    return { point: { seq, eventTime, receivedAt, state: toOrder(disorder, now) }, disorder, latest }
  })
  const count = (state: Order): number => seen.filter(({ point }) => point.state === state).length
  const sorted = Float64Array.from(seen, ({ disorder }) => disorder).toSorted()
  const above = (limit: number): number => sorted.length - firstAbove(sorted, limit)
  const choices = bounds
    .map((bound) => ({ bound, behind: above(bound), rejected: above(bound + now.lateness) }))
    .filter((_, index, all) => index === 0 || all[index - 1]!.behind > 0)
  const allowed = Math.floor(seen.length * behindShare)
  const late = count('late')
  const rejected = count('rejected')
  return {
    messages: seen.length,
    outOfOrder: count('outOfOrder') + late + rejected,
    late,
    rejected,
    points: thin(seen.map(({ point }) => point)),
    watermark: toStaircase(seen.map(({ point, latest: top }) => [point.receivedAt, top - now.bound])),
    histogram: toHistogram(
      sorted,
      choices.map(({ bound }) => bound),
    ),
    choices,
    proposed: (choices.find(({ behind }) => behind <= allowed) ?? choices.at(-1)!).bound,
  }
}

function toOrder(disorder: number, { bound, lateness }: { bound: number; lateness: number }): Order {
  if (disorder === 0) return 'inOrder'
  if (disorder <= bound) return 'outOfOrder'
  return disorder <= bound + lateness ? 'late' : 'rejected'
}

/** Index of the first value above `limit`. */
function firstAbove(sorted: Float64Array, limit: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! > limit) high = middle
    else low = middle + 1
  }
  return low
}

/** The worst first, since they are what people look for; then those in order, each nth. */
function thin(points: TimeView['points']): TimeView['points'] {
  if (points.length <= maxPoints) return points
  const chosen = new Set<number>()
  for (const state of ['rejected', 'late', 'outOfOrder', 'inOrder'] as const) {
    const of = points.flatMap((point, index) => (point.state === state ? [index] : []))
    const room = maxPoints - chosen.size
    const step = Math.max(of.length / Math.max(room, 1), 1)
    for (let i = 0; i < of.length && chosen.size < maxPoints; i += step) chosen.add(of[Math.floor(i)]!)
  }
  return points.filter((_, index) => chosen.has(index))
}

/** Only where it rises; of many steps each nth, and the last. */
function toStaircase(steps: [at: number, watermark: number][]): TimeView['watermark'] {
  const rising = steps.filter(([, watermark], index) => index === 0 || watermark > steps[index - 1]![1])
  const every = Math.ceil(rising.length / maxSteps)
  return rising
    .filter((_, index) => index % every === 0 || index === rising.length - 1)
    .map(([at, watermark]) => ({ at, watermark }))
}

function toHistogram(sorted: Float64Array, edges: number[]): TimeView['histogram'] {
  // In order is a bucket of its own: [0, 0].
  const ordered = firstAbove(sorted, 0)
  const buckets: TimeView['histogram'] = [{ from: 0, to: 0, count: ordered }]
  let below = ordered
  for (let i = 1; i < edges.length; i++) {
    const upTo = firstAbove(sorted, edges[i]!)
    buckets.push({ from: edges[i - 1]!, to: edges[i]!, count: upTo - below })
    below = upTo
  }
  if (below < sorted.length) buckets.push({ from: edges.at(-1)!, to: null, count: sorted.length - below })
  return buckets
}
