/**
 * The event-time window operator (Akidau et al., "The Dataflow Model"). One input is one step: what the arrival clock
 * makes due goes first; the event is judged against the watermark before it and added, and element and late panes go
 * out; then the watermark goes on, windows fire in the order of end, start, key, and what is past its lateness is
 * dropped.
 */
import { AppError } from '../error.ts'
import type { Json } from '../json.ts'
import type { Counters, CreateOperator, Operator, OperatorConfig, OperatorResult, Pane } from './operator.ts'
import { createWatermark } from './watermark.ts'
import { createLateAlarm } from './window-alarm.ts'
import { createAlignedWindows } from './window-aligned.ts'
import { checkOperatorConfig } from './window-config.ts'
import { createCountWindows } from './window-count.ts'
import { createSessionWindows } from './window-session.ts'
import { createSlidingWindows } from './window-sliding.ts'
import { accepted, late, type Windows, type WindowsOptions } from './windows.ts'

const nothing: OperatorResult<never> = Object.freeze({ panes: Object.freeze([]) as unknown as never[] })

interface Clocks {
  watermark: number | 'end' | null
  maxTs: number | null
  counters: Counters
  alarm: Json
  source?: Json
}

export const createOperator: CreateOperator = <T extends Json>(
  config: OperatorConfig,
  restore?: { clocks: Json; state: Iterable<[string, Json]> },
): Operator<T> => {
  checkOperatorConfig(config)
  const maxSkew = config.maxFutureSkewMs ?? Infinity
  const counters: Counters = {
    received: 0,
    outOfOrder: 0,
    behindWatermark: 0,
    lateAccepted: 0,
    rejected: 0,
    rejectedAssignments: 0,
    future: 0,
  }
  const saved = (restore?.clocks ?? null) as unknown as Clocks | null
  if (restore && (typeof saved !== 'object' || saved === null || typeof saved.counters !== 'object'))
    throw new AppError('invalid', 'The saved clocks of the window operator are wrong.')
  for (const name of Object.keys(counters) as (keyof Counters)[])
    counters[name] = Number(saved?.counters[name] ?? 0)
  let watermark = saved?.watermark === 'end' ? Infinity : (saved?.watermark ?? -Infinity)
  let maxTs = saved?.maxTs ?? -Infinity
  const source = createWatermark(config.watermark, saved?.source ?? null)
  const timed = source.timed || config.trigger?.earlyEveryMs !== undefined
  const windows = createWindows<T>({
    config,
    window: config.window,
    counters,
    watermark,
    state: restore?.state ?? [],
  })
  const everyMove = config.emitEmpty === true
  const alarm = config.lateAlarm ? createLateAlarm(config.lateAlarm, saved?.alarm ?? null) : undefined

  function advance(to: number, panes: Pane<T>[]): void {
    if (to <= watermark) return
    const before = watermark
    watermark = to
    if (everyMove || to >= windows.nextDue) windows.advance(before, to, panes)
  }
  function reach(at: number, panes: Pane<T>[], backlog?: readonly string[]): void {
    windows.tick(at, panes)
    if (source.timed) advance(source.tick(at, backlog), panes)
  }
  const toResult = (panes: Pane<T>[]): OperatorResult<T> => (panes.length > 0 ? { panes } : nothing)

  return {
    add(event) {
      const { ts, at } = event
      if (!Number.isFinite(ts)) throw new AppError('invalid', 'An event time must be a finite number of ms.')
      counters.received++
      const panes: Pane<T>[] = []
      if (timed) reach(at, panes)
      let rejected: 'late' | 'future' | undefined
      if (ts - at > maxSkew) {
        counters.future++
        rejected = 'future'
      } else {
        if (ts < maxTs) counters.outOfOrder++
        if (ts < watermark) counters.behindWatermark++
        const result = windows.add(event, watermark, panes)
        if (!(result & accepted)) rejected = 'late'
        if (result & late) counters.lateAccepted++
        if (ts > maxTs) maxTs = ts
        advance(source.event(ts, at, event.partition), panes)
      }
      if (rejected) counters.rejected++
      const fires = alarm?.see(at, rejected !== undefined)
      if (!rejected && !fires) return toResult(panes)
      const result: OperatorResult<T> = { panes }
      if (rejected) result.rejected = rejected
      if (fires) result.alarm = fires
      return result
    },
    tick(at, backlog) {
      const panes: Pane<T>[] = []
      if (timed) reach(at, panes, backlog)
      return toResult(panes)
    },
    mark(to) {
      const panes: Pane<T>[] = []
      advance(source.mark(to), panes)
      return toResult(panes)
    },
    end() {
      const panes: Pane<T>[] = []
      advance(Infinity, panes)
      return toResult(panes)
    },
    get watermark() {
      return watermark
    },
    counters,
    clocks: () => ({
      watermark: watermark === Infinity ? 'end' : watermark === -Infinity ? null : watermark,
      maxTs: maxTs === -Infinity ? null : maxTs,
      counters: { ...counters },
      alarm: alarm?.snapshot() ?? null,
      source: source.snapshot(),
    }),
    changes: () => windows.changes(),
  }
}

function createWindows<T extends Json>(options: WindowsOptions<OperatorConfig['window']>): Windows<T> {
  const { window } = options
  switch (window.type) {
    case 'session':
      return createSessionWindows({ ...options, window })
    case 'sliding':
      return createSlidingWindows({ ...options, window })
    case 'count':
      return createCountWindows({ ...options, window })
    default:
      return createAlignedWindows({ ...options, window })
  }
}
