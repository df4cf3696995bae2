/**
 * Messages and ticks in, changes out: feeds each message to the windows, joins and handlers of its stream, one after the
 * other, and gathers what the next commit must hold. What it does depends on the messages, the ticks, the state it was
 * restored from and the handlers alone: Date in a handler is the message clock, which is the arrival time of the newest
 * message or tick, and Math.random is seeded by seq. A processor that threw has half a step in it and must be thrown
 * away.
 */
import { type ActionContext, toEntry } from '../action/entry.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import { toTime } from '../sdk/duration.ts'
import type { Message } from '../store/log.ts'
import type { JoinResult } from '../stream/join.ts'
import type { Counters, OperatorResult, Pane } from '../stream/operator.ts'
import { getPath } from '../stream/path.ts'
import { nextTick } from './arrival.ts'
import { type Changes, gatherChanges } from './changes.ts'
import { type Answer, type Caller, HandlerFailed, type Planned } from './handler.ts'
import { getKey, getPartition, type Input, type InputStream, streamsOf, toStreamMessage } from './input.ts'
import { type Item, type Lane, restoreLanes, watermarkOf } from './lane.ts'
import { createLateLog } from './late-log.ts'
import { bytesOf, toInstant } from './record.ts'

export interface Processor {
  add(message: Message, stream: string): Promise<void>
  /** The arrival clock has come this far, and no message that arrived before is to come. */
  tick(to: number): Promise<void>
  /** Whether a tick lies at or before. */
  isTickDue(to: number): boolean
  /** What was added is handled to its end; batch handlers get what has come since; of one stream, or of all. */
  flush(stream?: string): Promise<void>
  /** The watermark goes to infinity: every open window fires. */
  end(): Promise<void>
  /** Changes since the last call. */
  take(): Changes
  /** Whether an action or a row waits for a commit. */
  readonly urgent: boolean
  /** About how many bytes wait for a commit. */
  readonly bytes: number
  readonly dirty: boolean
  watermark(input: Input): number
  readonly counters: { [name: string]: number }
}
export interface ProcessorOptions {
  deployment: string | null
  run?: string | null
  notebook: { id: string; version: number }
  inputs: Input[]
  caller: Caller
  restore?: { clocks: Json; state: Iterable<[string, Json]> }
}
interface Made extends Planned {
  context: ActionContext & { stream: NonNullable<ActionContext['stream']> }
}
interface Place {
  start: number
  end: number
  pane: number
  windowed: boolean
  /** Tells calls of the same times apart, in rows and in the keys of actions. */
  mark: string
  rowMark?: string
  /** Where the items are not the first stream's. */
  stream?: InputStream
}
/** So many calls wait for what comes next. */
const maxPlanned = 256
const toStateKey = (key: string | null): string => (key === null ? '-' : `=${key}`)

export function createProcessor(options: ProcessorOptions): Processor {
  const { deployment, run = null, notebook, inputs, caller, restore } = options
  const saved = isJsonObject(restore?.clocks) ? restore.clocks : undefined
  const lanes = restoreLanes(inputs, saved, restore?.state ?? [], { notebook, deployment, run })
  const isTimed = lanes.some(({ timed }) => timed)
  const totals: { [name: string]: number } = { messages: 0, calls: 0, rows: 0, actions: 0 }
  if (isJsonObject(saved?.totals))
    for (const [name, value] of Object.entries(saved.totals)) totals[name] = Number(value)
  let clock = typeof saved?.now === 'number' ? saved.now : -Infinity
  let heard = typeof saved?.heard === 'number' ? saved.heard : clock
  let seed = typeof saved?.seed === 'number' ? saved.seed : 0
  const lateLog = createLateLog(typeof saved?.late === 'number' ? saved.late : 0)
  const gathered = gatherChanges()
  let dirty = false
  let bytes = 0
  /** Calls that nothing has needed the answer of yet. */
  let planned: Planned[] = []
  /** The message that is being added. */
  let here: Planned['at']

  /** What was planned is done. */
  async function settle(): Promise<void> {
    const calls = planned
    planned = []
    if (calls.length > 0) await caller.invokeAll(calls)
  }

  function toContext(lane: Lane, items: readonly (Item | null)[], place: Place, key: string | null) {
    const newest = items.findLast((item) => item !== null)
    const stream = place.stream ?? nameOf(lane.input, newest?.stream)
    let from = Infinity
    let to = 0
    for (const item of items)
      if (item && item.stream === newest?.stream) {
        from = Math.min(from, item.seq)
        to = Math.max(to, item.seq)
      }
    const seqs = { from: from === Infinity ? seed : from, to: to === 0 ? seed : to }
    const { start, end, pane } = place
    return {
      notebook,
      deployment,
      run,
      stream: { id: stream.id, name: stream.name, ...seqs },
      window: place.windowed ? { key, start, end, pane } : null,
      at: end,
      identity: `${lane.input.index}/${toStateKey(key)}/${place.mark}`,
    }
  }

  async function call(
    lane: Lane,
    key: string | null,
    input: JsonObject,
    place: Place,
    items: readonly (Item | null)[],
    handler = lane.input.handler,
  ): Promise<void> {
    const stateKey = toStateKey(key)
    const made: Made = {
      call: { handler, now: clock, seed, input },
      context: toContext(lane, items, place, key),
      slot: `${lane.input.index} ${stateKey}`,
      at: here,
      state: () => lane.states.get(stateKey),
      take: (answer: Answer) => taken(lane, key, made, place, items.length, answer),
    }
    dirty = true
    planned.push(made)
    // when a state expires hangs on the answers before
    if (planned.length >= maxPlanned || lane.expires) await settle()
  }
  function taken(
    lane: Lane,
    key: string | null,
    { call: { handler, now, seed, input }, context }: Made,
    place: Place,
    messages: number,
    answer: Answer,
  ): void {
    const { index, stream } = lane.input
    const stateKey = toStateKey(key)
    const before = lane.states.get(stateKey)
    totals.calls! += 1
    bytes += answer.bytes
    if (answer.state !== undefined) lane.states.set(stateKey, answer.state, place.end)
    gathered.outbox.push(...answer.entries)
    totals.actions! += answer.entries.length
    if (answer.entries.length + answer.replies.length > 0) {
      const { row, entries, replies, state: after } = answer
      const late = handler === lane.input.spec?.late
      const instant =
        entries.length > 0 &&
        toInstant({ index, late, now, seed, context }, { input, state: before, row, entries, after })
      const record = { identity: context.identity, replies, ...instant }
      gathered.records.push(record)
      bytes += bytesOf(record)
    }
    if (answer.row) {
      const { start, end, pane, mark, rowMark = mark } = place
      const target = { stream: stream.id, index, key, start, end, mark: rowMark }
      gathered.put(target, { pane, at: now, fields: answer.row })
      totals.rows! += 1
    }
    if (!lane.learner) return
    const { from, to, ...of } = context.stream
    const learned = {
      stream: of,
      seqs: { from, to },
      messages,
      start: place.start,
      end: place.end,
    }
    const entry = lane.learner.learn(answer.state ?? before, learned)
    if (!entry) return
    gathered.outbox.push(entry)
    bytes += JSON.stringify(entry).length
    totals.versions = (totals.versions ?? 0) + 1
  }

  async function emit(lane: Lane, panes: Pane<Item>[]): Promise<void> {
    const { window, spec, index: lanes, stream } = lane.input
    const discarding = spec?.panes === 'discarding'
    for (const { key, pane, index, items, trigger, replaces = [], ...bounds } of panes) {
      // Windows without bounds in time are told with those of their messages.
      const times = bounds.start === null ? items.map((item) => item.eventTime) : []
      const start = bounds.start ?? times.reduce((a, b) => Math.min(a, b))
      const end = bounds.end ?? times.reduce((a, b) => Math.max(a, b))
      const each = trigger ? ` ${trigger.seq}${trigger.stream ?? ''}` : ''
      // Panes of the whole content share a row; those of what is new, and windows without bounds, have one each.
      const own = discarding || bounds.start === null || window?.type === 'global'
      if (!discarding && replaces.length > 0) {
        await settle()
        for (const [from, to] of replaces)
          gathered.remove({ stream: stream.id, index: lanes, key, start: from, end: to, mark: '' })
      }
      await call(
        lane,
        key,
        { key, window: { start, end, pane, index }, messages: items },
        {
          start,
          end,
          pane: index,
          windowed: true,
          mark: `${start}-${end}/${index}${each}`,
          rowMark: own ? `p${index}` : each.trim(),
        },
        items,
      )
    }
  }
  async function emitPairs(lane: Lane, { pairs }: JoinResult<Item>): Promise<void> {
    for (const { key, left, right, start, end } of pairs) {
      const mark = `${left?.seq ?? ''}-${right?.seq ?? ''}`
      const last = !left || (right && right.receivedAt >= left.receivedAt) ? right : left
      const stream = streamsOf(lane.input)[last === right ? 1 : 0]!
      const place = { start, end, pane: 0, windowed: false, mark, stream }
      await call(lane, key, { key, left, right }, place, [last])
    }
  }
  async function tellLate(
    lane: Lane,
    key: string | null,
    message: Message,
    stream: string,
    reason: 'late' | 'future',
    before: number,
  ): Promise<void> {
    const { seq, eventTime, receivedAt, body } = message
    const { index, spec } = lane.input
    const watermark = Number.isFinite(before) ? before : null
    lateLog.add({ stream, seq, key, eventTime, receivedAt, reason, watermark, handler: index, body })
    bytes += message.bytes
    if (spec?.late === undefined) return
    const item = toItem(lane, message, stream)
    const place = {
      start: eventTime,
      end: eventTime,
      pane: 0,
      windowed: false,
      mark: `late ${stream} ${seq}`,
    }
    await call(lane, key, { key, message: item, reason, watermark }, place, [item], spec.late)
  }
  function alarm(lane: Lane, message: Message, { rejects, of }: { rejects: number; of: number }): void {
    const { name, id } = lane.input.stream
    const { seq, eventTime } = message
    const context = {
      notebook,
      deployment,
      run,
      stream: { id, name, from: seq, to: seq },
      window: null,
      at: eventTime,
      identity: `${lane.input.index}/late alarm/${seq}`,
    }
    const request = {
      title: `Messages of "${name}" come too late`,
      severity: 'warning',
      fingerprint: `late ${deployment ?? run ?? notebook.id} ${lane.input.index}`,
      details: { rejected: rejects, of },
    }
    gathered.outbox.push(toEntry(context, { kind: 'alert', request, key: `late ${id} ${seq}` }))
    totals.actions! += 1
  }
  async function take(
    lane: Lane,
    key: string | null,
    message: Message,
    stream: string,
    result: OperatorResult<Item> | JoinResult<Item>,
    before: number,
  ): Promise<void> {
    if ('panes' in result) await emit(lane, result.panes)
    else await emitPairs(lane, result)
    if (result.rejected) await tellLate(lane, key, message, stream, result.rejected, before)
    if (!('alarm' in result) || !result.alarm) return
    await settle()
    alarm(lane, message, result.alarm)
  }

  async function feed(lane: Lane, message: Message, stream: string): Promise<void> {
    const { input, operator, join, states } = lane
    const key = getKey(input, message)
    const { eventTime: ts, receivedAt: at, seq } = message
    const before = watermarkOf(lane)
    const { watermark } = input.spec ?? {}
    const mark = watermark?.type === 'punctuated' ? getPath(message.body, watermark.field) : undefined
    const partition = getPartition(input, message, stream, key)
    if (mark !== undefined && mark !== null) {
      const to = toMark(mark)
      if (operator) await emit(lane, operator.mark(to).panes)
      if (join) await emitPairs(lane, join.mark(to))
      lane.clock?.mark(to)
      states.expire(watermarkOf(lane))
      return
    }
    const item = toItem(lane, message, stream)
    lane.clock?.add({ ts, key: null, at, partition, value: null })
    if (operator)
      await take(lane, key, message, stream, operator.add({ ts, key, at, partition, value: item }), before)
    else if (join) {
      const side = stream === input.stream.id ? 'left' : 'right'
      await take(lane, key, message, stream, join.add({ side, ts, key, at, partition, value: item }), before)
      checkWaiting(input, join.waiting)
    } else if (input.batch) lane.pending.push({ ...message, ...(input.streams && { stream }) } as Message)
    else {
      const mark = `${seq}-${seq}${input.streams ? ` ${stream}` : ''}`
      const place = { start: ts, end: ts, pane: 0, windowed: false, mark, rowMark: mark.replace(/^\d+-/, '') }
      await call(lane, key, { key, message: item }, place, [item])
    }
    states.expire(watermarkOf(lane))
  }

  async function tick(to: number): Promise<void> {
    if (!isTimed || clock === -Infinity) return
    for (let at = nextTick(clock, heard); at <= to; at = nextTick(clock, heard)) {
      clock = at
      for (const lane of lanes) {
        if (!lane.timed) continue
        if (lane.operator) await emit(lane, lane.operator.tick(at).panes)
        if (lane.join) await emitPairs(lane, lane.join.tick(at))
        lane.clock?.tick(at)
        const { expired } = lane.states
        lane.states.expire(watermarkOf(lane))
        if (lane.states.expired > expired) dirty = true
      }
    }
  }

  return {
    async add(message, stream) {
      dirty = true
      bytes += message.bytes
      totals.messages! += 1
      await tick(message.receivedAt)
      if (message.receivedAt < clock) totals.behindClock = (totals.behindClock ?? 0) + 1
      heard = Math.max(heard, message.receivedAt)
      clock = Math.max(clock, heard)
      seed = message.seq
      here = { stream, seq: message.seq }
      for (const lane of lanes) if (lane.streams.has(stream)) await feed(lane, message, stream)
      here = undefined
    },
    isTickDue: (to) => isTimed && clock !== -Infinity && nextTick(clock, heard) <= to,
    async tick(to) {
      await tick(to)
      await settle()
    },
    async flush(stream) {
      await settle()
      for (const lane of lanes) {
        if (lane.pending.length === 0 || (stream !== undefined && !lane.streams.has(stream))) continue
        const items = lane.pending.map((message) =>
          toItem(lane, message, (message as Message & { stream?: string }).stream ?? lane.input.stream.id),
        )
        lane.pending = []
        const times = items.map((item) => item.eventTime)
        const end = times.reduce((a, b) => Math.max(a, b))
        const start = times.reduce((a, b) => Math.min(a, b))
        const [first] = items
        const mark = `${first!.seq}-${items.at(-1)!.seq}`
        const place = { start, end, pane: 0, windowed: false, mark, rowMark: `${first!.seq}` }
        await call(lane, null, { messages: items }, place, items)
      }
      await settle()
    },
    async end() {
      for (const lane of lanes) {
        if (lane.operator) await emit(lane, lane.operator.end().panes)
        if (lane.join) await emitPairs(lane, lane.join.end())
      }
      await settle()
    },
    take() {
      const state: { [key: string]: Json | null } = {}
      for (const { operator, join, clock: alone, states, input } of lanes) {
        states.changes(state)
        alone?.changes()
        for (const [key, value] of Object.entries((operator ?? join)?.changes() ?? {}))
          state[`${input.index} w ${key}`] = value
      }
      lateLog.changes(state)
      const changes: Changes = {
        clocks: {
          format: 1,
          now: clock === -Infinity ? null : clock,
          heard: heard === -Infinity ? null : heard,
          seed,
          operators: lanes.map((lane) => (lane.operator ?? lane.join ?? lane.clock)?.clocks() ?? null),
          learned: lanes.map(({ learner }) => learner?.snapshot() ?? null),
          late: lateLog.count,
          totals: { ...totals },
        },
        state,
        ...gathered.take(),
      }
      dirty = false
      bytes = 0
      return changes
    },
    get urgent() {
      return gathered.size > 0
    },
    get dirty() {
      return dirty
    },
    get bytes() {
      return bytes
    },
    watermark: ({ index }) => (lanes[index] ? watermarkOf(lanes[index]) : -Infinity),
    get counters() {
      const sum: { [name: string]: number } = { ...totals, retries: caller.retries }
      for (const { operator, join, states } of lanes) {
        const counters: Counters | undefined = (operator ?? join)?.counters
        for (const [name, value] of Object.entries(counters ?? {}))
          sum[name] = (sum[name] ?? 0) + Number(value)
        if (states.size > 0) sum.keys = (sum.keys ?? 0) + states.size
      }
      return sum
    },
  }
}

function nameOf(input: Input, name: string | undefined): InputStream {
  return streamsOf(input).find((stream) => stream.name === name) ?? input.stream
}
function toItem({ input }: Lane, message: Message, stream: string): Item {
  const name = input.streams && !input.spec?.join && streamsOf(input).find(({ id }) => id === stream)?.name
  return toStreamMessage(message, name || undefined)
}
function toMark(value: Json): number {
  if (typeof value === 'number' || typeof value === 'string') return toTime(value)
  throw new HandlerFailed({
    name: 'TypeError',
    message: `The field of a punctuated watermark is a time; it is ${JSON.stringify(value).slice(0, 60)}.`,
  })
}
function checkWaiting({ stream, spec }: Input, waiting: number): void {
  const most = spec?.join?.maxWaiting ?? 100_000
  if (waiting > most)
    throw new HandlerFailed({
      name: 'RangeError',
      message: `More messages wait for a partner in the join of "${stream.name}" than its bound (maxWaiting: ${most}). Make within or lateness shorter, or raise it.`,
    })
}
