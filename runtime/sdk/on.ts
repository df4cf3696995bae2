/**
 * What `streams.on` and `streams.join` accept, as it crosses to the host (a handler for late messages as its id, the
 * other stream of a join beside its terms), and the window operator's configuration that follows from it. Every default
 * of a handler is here or in the stream's definition. An error says which option is wrong and what would be right.
 */
import { z } from 'zod'
import { AppError } from '../error.ts'
import type { OperatorConfig, WatermarkKind, WindowKind } from '../stream/operator.ts'
import { checkOperatorConfig } from '../stream/window-config.ts'
import { toMilliseconds } from './duration.ts'

const duration = z.union([z.number().min(0), z.string().max(40)])
const path = z.string().min(1).max(200)
const count = z.number().int().min(1).max(10_000_000)
const oneOf = (what: string, types: string) => ({ error: `${what} is of type ${types}` })

const window = z.discriminatedUnion(
  'type',
  [
    z.strictObject({
      type: z.literal('tumbling'),
      size: duration,
      offset: z.union([z.number(), z.string().max(40)]).optional(),
    }),
    z.strictObject({
      type: z.literal('hopping'),
      size: duration,
      hop: duration,
      offset: z.union([z.number(), z.string().max(40)]).optional(),
    }),
    z.strictObject({
      type: z.literal('sliding'),
      size: duration,
      closed: z.enum(['right', 'both']).optional(),
    }),
    z.strictObject({ type: z.literal('session'), gap: duration }),
    z.strictObject({ type: z.literal('count'), size: count, slide: count.optional() }),
    z.strictObject({
      type: z.literal('calendar'),
      unit: z.enum(['hour', 'day', 'week', 'month', 'quarter', 'year']),
      zone: z.string().max(60).optional(),
    }),
    z.strictObject({ type: z.literal('global') }),
  ],
  oneOf('a window', 'tumbling, hopping, sliding, session, count, calendar or global'),
)
const watermark = z.discriminatedUnion(
  'type',
  [
    z.strictObject({
      type: z.literal('bounded'),
      partition: path.optional(),
      idle: duration.optional(),
    }),
    z.strictObject({ type: z.literal('boundedPlusWallclock') }),
    z.strictObject({ type: z.literal('punctuated'), field: path }),
    z.strictObject({ type: z.literal('wallClockLag'), lag: duration }),
  ],
  oneOf('a watermark', 'bounded, boundedPlusWallclock, punctuated or wallClockLag'),
)
export const onOptions = z.strictObject({
  window: window.optional(),
  batch: z.boolean().optional(),
  by: z.string().max(200).nullable().optional(),
  outOfOrder: duration.optional(),
  lateness: duration.optional(),
  watermark: watermark.optional(),
  maxFuture: duration.optional(),
  lateAlarm: z
    .strictObject({
      rejects: z.number().int().min(0),
      events: count.optional(),
      within: duration.optional(),
    })
    .nullable()
    .optional(),
  late: z.string().max(80).optional(),
  expire: duration.optional(),
  maxKeys: z.number().int().min(1).max(1_000_000).optional(),
  trigger: z.enum(['watermark', 'element']).optional(),
  early: z.strictObject({ count: count.optional(), every: duration.optional() }).optional(),
  panes: z.enum(['accumulating', 'discarding']).optional(),
  emitEmpty: z.boolean().optional(),
  learn: z
    .strictObject({
      model: z.string().min(1).max(200),
      count: count.optional(),
      every: duration.optional(),
      gate: z
        .strictObject({
          metric: z.string().min(1).max(200),
          better: z.enum(['lower', 'higher']),
          by: z.number().min(0).optional(),
        })
        .optional(),
      alias: z
        .string()
        .regex(/^[a-z][a-z0-9-]{0,59}$/, 'is lower-case letters, digits and -')
        .optional(),
    })
    .optional(),
  join: z
    .strictObject({
      with: z.string().min(1).max(200),
      within: duration,
      unmatched: z.enum(['none', 'left', 'right', 'both']).optional(),
      maxWaiting: count.optional(),
    })
    .optional(),
})
export type HandlerSpec = z.output<typeof onOptions>

export interface StreamTimes {
  outOfOrderMs: number
  latenessMs: number
  /** Ids of the streams of the handler. */
  streams: string[]
}
/** A stream of several that is silent this long does not hold the others back. */
const idleMs = 60_000
const ofWindows = ['trigger', 'early', 'panes', 'emitEmpty'] as const

function wrong(message: string): never {
  throw new AppError('invalid', message)
}

/** invalid: the option that is wrong. */
export function checkHandler(spec: HandlerSpec, streams: number): void {
  const { window: asked, join, batch, learn, lateAlarm } = spec
  if (asked && batch) wrong('streams.on takes a window or batch: true, not both.')
  if (!asked)
    for (const option of ofWindows)
      if (spec[option] !== undefined) wrong(`streams.on: ${option} needs a window.`)
  if (!asked && !join && spec.late !== undefined)
    wrong('streams.on: late needs a window: without one every message is taken when it comes.')
  if (spec.early && spec.early.count === undefined && spec.early.every === undefined)
    wrong('streams.on: early needs a count or every.')
  if (learn && learn.count === undefined && learn.every === undefined && !learn.gate)
    wrong('streams.on: learn needs a count, every or a gate, to say when a version is published.')
  if (learn && !batch && spec.by !== null)
    wrong('streams.on: learn needs by: null, or a batch: one model learns from all messages.')
  if (learn && /[@/]/.test(learn.model)) wrong('streams.on: the name of a model must not have @ or /.')
  if (lateAlarm && lateAlarm.events !== undefined && lateAlarm.within !== undefined)
    wrong('streams.on: lateAlarm takes events or within, not both.')
  for (const [name, value] of Object.entries({ expire: spec.expire, every: learn?.every }))
    if (value !== undefined && toMilliseconds(value) === 0) wrong(`streams.on: ${name} must be more than 0.`)
  if (spec.watermark?.type === 'bounded' && spec.watermark.partition !== undefined && streams > 1)
    wrong('streams.on: of several streams each is a partition of the watermark; leave partition out.')
  const times = {
    outOfOrderMs: toMilliseconds(spec.outOfOrder ?? 0),
    latenessMs: toMilliseconds(spec.lateness ?? 0),
    streams: Array.from({ length: streams }, (_, i) => String(i)),
  }
  if (join) toMilliseconds(join.within)
  // What has no window has a watermark all the same.
  checkOperatorConfig(toConfig(spec, times, toWindow(asked) ?? { type: 'global' }))
}

export function toWindow(spec: HandlerSpec['window']): WindowKind | null {
  if (!spec) return null
  switch (spec.type) {
    case 'tumbling':
      return { type: 'tumbling', sizeMs: toMilliseconds(spec.size), offsetMs: toOffset(spec.offset) }
    case 'hopping':
      return {
        type: 'hopping',
        sizeMs: toMilliseconds(spec.size),
        offsetMs: toOffset(spec.offset),
        hopMs: toMilliseconds(spec.hop),
      }
    case 'sliding':
      return { type: 'sliding', sizeMs: toMilliseconds(spec.size), closed: spec.closed ?? 'right' }
    case 'session':
      return { type: 'session', gapMs: toMilliseconds(spec.gap) }
    case 'count':
      return { type: 'count', size: spec.size, slide: spec.slide ?? spec.size }
    case 'calendar':
      return { type: 'calendar', unit: spec.unit, zone: spec.zone ?? 'UTC' }
    case 'global':
      return { type: 'global' }
  }
}
/** Of both signs, `'-2 h'` too. */
function toOffset(offset: number | string = 0): number {
  if (typeof offset === 'number') return Math.sign(offset) * toMilliseconds(Math.abs(offset))
  return /^\s*-/.test(offset) ? -toMilliseconds(offset.replace('-', '')) : toMilliseconds(offset)
}

function toWatermark(spec: HandlerSpec, { outOfOrderMs: boundMs, streams }: StreamTimes): WatermarkKind {
  const asked = spec.watermark ?? { type: 'bounded' }
  switch (asked.type) {
    case 'bounded': {
      const several = streams.length > 1
      if (!several && asked.partition === undefined) {
        if (asked.idle !== undefined) wrong('streams.on: idle needs a partition, or several streams.')
        return { type: 'bounded', boundMs }
      }
      const idle = asked.idle ?? (several ? idleMs : undefined)
      return {
        type: 'bounded',
        boundMs,
        perPartition: true,
        ...(several && { partitions: streams }),
        ...(idle !== undefined && { idleTimeoutMs: toMilliseconds(idle) }),
      }
    }
    case 'boundedPlusWallclock':
      return { type: 'boundedPlusWallclock', boundMs }
    case 'punctuated':
      return { type: 'punctuated' }
    case 'wallClockLag':
      return { type: 'wallClockLag', lagMs: toMilliseconds(asked.lag) }
  }
}

export function toConfig(spec: HandlerSpec, times: StreamTimes, kind: WindowKind): OperatorConfig {
  const { trigger, early, maxFuture, lateAlarm } = spec
  return {
    window: kind,
    watermark: toWatermark(spec, times),
    allowedLatenessMs: times.latenessMs,
    accumulation: spec.panes ?? 'accumulating',
    keyed: spec.by !== null,
    ...((trigger ?? early) !== undefined && {
      trigger: {
        type: trigger ?? 'watermark',
        ...(early?.count !== undefined && { earlyCount: early.count }),
        ...(early?.every !== undefined && { earlyEveryMs: toMilliseconds(early.every) }),
      },
    }),
    ...(spec.emitEmpty === true && { emitEmpty: true }),
    ...(maxFuture !== undefined && { maxFutureSkewMs: toMilliseconds(maxFuture) }),
    ...(lateAlarm && {
      lateAlarm: {
        maxRejects: lateAlarm.rejects,
        ...(lateAlarm.within === undefined
          ? { lastEvents: lateAlarm.events ?? 1000 }
          : { lastMs: toMilliseconds(lateAlarm.within) }),
      },
    }),
  }
}
