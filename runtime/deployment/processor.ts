/**
 * Messages in, changes out: feeds each message to the windows and handlers of its stream, one after the other, and
 * gathers what the next commit must hold. What it does depends on the messages, the state it was restored from and the
 * handlers alone: Date in a handler is the message clock, which is the arrival time of the newest message, and
 * Math.random is seeded by seq. A processor that threw has half a step in it and must be thrown away.
 */
import { AppError } from '../error.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import type { Message, OutboxEntry, Row } from '../store/log.ts'
import type { Counters, Operator, Pane } from '../stream/operator.ts'
import { createOperator } from '../stream/window-operator.ts'
import { digest } from '../action/entry.ts'
import type { Caller } from './handler.ts'
import { getKey, type Input, toOperatorConfig, toStreamMessage } from './input.ts'

export interface Changes {
  clocks: Json
  state: { [key: string]: Json | null }
  rows: Row[]
  outbox: OutboxEntry[]
}
export interface Processor {
  add(message: Message, stream: string): Promise<void>
  /** Batch handlers get what has come since the last flush. */
  flush(): Promise<void>
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
type Item = ReturnType<typeof toStreamMessage>
interface Lane {
  input: Input
  operator: Operator<Item> | null
  states: Map<string, Json>
  pending: Message[]
}

const toStateKey = (key: string | null): string => (key === null ? '-' : `=${key}`)

export function createProcessor(options: ProcessorOptions): Processor {
  const { deployment, run = null, notebook, inputs, caller, restore } = options
  const saved = isJsonObject(restore?.clocks) ? restore.clocks : undefined
  const lanes = restoreLanes(inputs, saved, restore?.state ?? [])
  const totals: { [name: string]: number } = { messages: 0, calls: 0, rows: 0, actions: 0 }
  if (isJsonObject(saved?.totals))
    for (const [name, value] of Object.entries(saved.totals)) totals[name] = Number(value)
  let clock = typeof saved?.now === 'number' ? saved.now : -Infinity
  let changed: { [key: string]: Json | null } = {}
  let rows = new Map<string, Row>()
  let outbox: OutboxEntry[] = []
  let dirty = false
  let bytes = 0
  let seed = 0

  async function call(
    lane: Lane,
    key: string | null,
    input: JsonObject,
    place: { start: number; end: number; pane: number; at: number; windowed: boolean },
    seqs: { from: number; to: number },
  ): Promise<void> {
    const { index, handler, stream } = lane.input
    const stateKey = toStateKey(key)
    const where = place.windowed ? `${place.start}-${place.end}/${place.pane}` : `${seqs.from}-${seqs.to}`
    const answer = await caller.invoke(
      {
        call: { handler, now: clock, seed, input },
        context: {
          notebook,
          deployment,
          run,
          stream: { id: stream.id, name: stream.name, ...seqs },
          window: place.windowed ? { key, start: place.start, end: place.end, pane: place.pane } : null,
          at: place.at,
          identity: `${index}/${stateKey}/${where}`,
        },
      },
      lane.states.get(stateKey),
    )
    totals.calls! += 1
    bytes += answer.bytes
    if (answer.state === null) lane.states.delete(stateKey)
    else if (answer.state !== undefined) lane.states.set(stateKey, answer.state)
    if (answer.state !== undefined) changed[`${index} s ${stateKey}`] = answer.state
    outbox.push(...answer.entries)
    totals.actions! += answer.entries.length
    if (answer.row) {
      const name = key === null || key.length > 100 ? digest(key) : key
      const id = `${stream.id} ${place.start} ${place.end} ${index} ${place.windowed ? '' : seqs.from} ${name}`
      rows.set(id, {
        id,
        key,
        start: place.start,
        end: place.end,
        pane: place.pane,
        at: clock,
        fields: answer.row,
      })
      totals.rows! += 1
    }
  }

  async function emit(lane: Lane, panes: Pane<Item>[]): Promise<void> {
    for (const { key, pane, index, items, ...bounds } of panes) {
      // Windows without bounds in time are told with those of their events.
      const times = bounds.start === null ? items.map((item) => item.eventTime) : []
      const start = bounds.start ?? times.reduce((a, b) => Math.min(a, b))
      const end = bounds.end ?? times.reduce((a, b) => Math.max(a, b))
      let from = Infinity
      let to = 0
      for (const { seq } of items) {
        from = Math.min(from, seq)
        to = Math.max(to, seq)
      }
      const input = { key, window: { start, end, pane, index }, messages: items }
      await call(
        lane,
        key,
        input,
        { start, end, pane: index, at: end, windowed: true },
        { from: from === Infinity ? seed : from, to: to === 0 ? seed : to },
      )
    }
  }

  return {
    async add(message, stream) {
      dirty = true
      bytes += message.bytes
      totals.messages! += 1
      clock = Math.max(clock, message.receivedAt)
      seed = message.seq
      for (const lane of lanes) {
        if (lane.input.stream.id !== stream) continue
        const key = getKey(lane.input, message)
        if (lane.operator) {
          const event = {
            ts: message.eventTime,
            key,
            at: message.receivedAt,
            value: toStreamMessage(message),
          }
          await emit(lane, lane.operator.add(event).panes)
        } else if (lane.input.batch) lane.pending.push(message)
        else {
          const { eventTime, seq } = message
          await call(
            lane,
            key,
            { key, message: toStreamMessage(message) },
            { start: eventTime, end: eventTime, pane: 0, at: eventTime, windowed: false },
            { from: seq, to: seq },
          )
        }
      }
    },
    async flush() {
      for (const lane of lanes) {
        const [first] = lane.pending
        const last = lane.pending.at(-1)
        if (!first || !last) continue
        const times = lane.pending.map((message) => message.eventTime)
        const end = times.reduce((a, b) => Math.max(a, b))
        await call(
          lane,
          null,
          { messages: lane.pending.map(toStreamMessage) },
          { start: times.reduce((a, b) => Math.min(a, b)), end, pane: 0, at: end, windowed: false },
          { from: first.seq, to: last.seq },
        )
        lane.pending = []
      }
    },
    async end() {
      for (const lane of lanes) if (lane.operator) await emit(lane, lane.operator.end().panes)
    },
    take() {
      const state = changed
      for (const { operator, input } of lanes)
        for (const [key, value] of Object.entries(operator?.changes() ?? {}))
          state[`${input.index} w ${key}`] = value
      const changes: Changes = {
        clocks: {
          format: 1,
          now: clock === -Infinity ? null : clock,
          operators: lanes.map(({ operator }) => operator?.clocks() ?? null),
          totals: { ...totals },
        },
        state,
        rows: [...rows.values()],
        outbox,
      }
      changed = {}
      rows = new Map()
      outbox = []
      dirty = false
      bytes = 0
      return changes
    },
    get urgent() {
      return outbox.length > 0 || rows.size > 0
    },
    get dirty() {
      return dirty
    },
    get bytes() {
      return bytes
    },
    watermark: ({ index }) => lanes[index]?.operator?.watermark ?? -Infinity,
    get counters() {
      const sum: { [name: string]: number } = { ...totals, retries: caller.retries }
      for (const { operator } of lanes)
        for (const [name, value] of Object.entries(operator?.counters ?? ({} as Counters)))
          sum[name] = (sum[name] ?? 0) + Number(value)
      return sum
    },
  }
}

function restoreLanes(
  inputs: Input[],
  saved: JsonObject | undefined,
  state: Iterable<[string, Json]>,
): Lane[] {
  const clocks = Array.isArray(saved?.operators) ? saved.operators : undefined
  if (clocks && clocks.length !== inputs.length)
    throw new AppError(
      'conflict',
      `The notebook registers ${inputs.length} handlers; at the last commit it had ${clocks.length}. Make a new deployment.`,
    )
  const windows = inputs.map(() => [] as [string, Json][])
  const states = inputs.map(() => new Map<string, Json>())
  for (const [key, value] of state) {
    const match = /^(\d+) ([sw]) ([\s\S]*)$/.exec(key)
    const index = Number(match?.[1])
    if (match?.[2] === 'w') windows[index]?.push([match[3]!, value])
    else if (match?.[2] === 's') states[index]?.set(match[3]!, value)
  }
  return inputs.map((input, index) => {
    const earlier = clocks?.[index]
    return {
      input,
      operator: input.window
        ? createOperator<Item>(
            toOperatorConfig(input, input.window),
            isJsonObject(earlier) ? { clocks: earlier, state: windows[index]! } : undefined,
          )
        : null,
      states: states[index]!,
      pending: [],
    }
  })
}
