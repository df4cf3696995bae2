/** A processor over plain functions, whose commits are kept as a store keeps them; restarted after every message. */
import { createCaller, type Caller } from '../../runtime/deployment/handler.ts'
import { type InputStream, toInput } from '../../runtime/deployment/input.ts'
import { createProcessor, type Processor } from '../../runtime/deployment/processor.ts'
import type { Json } from '../../runtime/json.ts'
import type { HandlerCall, Sandbox } from '../../runtime/sandbox/port.ts'
import { checkHandler, type HandlerSpec } from '../../runtime/sdk/on.ts'
import type { Message, OutboxEntry, Row } from '../../runtime/store/log.ts'
import type { FakeHandler } from './fake.ts'

export interface TestHandler {
  streams: string[]
  options: HandlerSpec
  run: FakeHandler
  late?: FakeHandler
}
export interface Committed {
  rows: Map<string, Row>
  state: Map<string, Json>
  outbox: OutboxEntry[]
  clocks: Json
  /** State keys of each commit. */
  written: number[]
}
export type Step = { tick: number } | { at: number; ts: number; stream?: string; key?: string; body?: Json }

const copy = <T>(value: T): T => (value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T))

/** A sandbox whose handlers are `run0`, `late0`, `run1` … */
export function createPlainCaller(handlers: TestHandler[]): Caller {
  const sandbox = {
    async handle(calls: HandlerCall[]) {
      // the first alone, as a sandbox may
      const [{ handler, now, seed, input, state: given }] = calls as [HandlerCall]
      const state = 'value' in given ? given.value : {}
      const one = handlers[Number(handler.replace(/\D+/, ''))]!
      const run = handler.startsWith('late') ? one.late! : one.run
      const after = copy(state)
      const receipt = { cpuMs: 0, wallMs: 0, peakBytes: 0, messages: 0, bytes: 0 }
      try {
        const row = (await run(copy(input) as never, after as never, { now, seed })) ?? null
        const changed = JSON.stringify(after) !== JSON.stringify(state)
        return {
          results: [{ status: 'ok', row: copy(row) as Json, ...(changed && { state: after }) }],
          receipt,
          alive: true,
        }
      } catch (error) {
        const { name, message } = error as Error
        return { results: [{ status: 'error', error: { name, message } }], receipt, alive: true }
      }
    },
  }
  return createCaller(() => sandbox as unknown as Sandbox, { retryMs: [], wait: () => Promise.resolve() })
}

export function openProcess(handlers: TestHandler[]) {
  const streamOf = (name: string): InputStream => ({ id: `id-${name}`, name, outOfOrder: 0, lateness: 0 })
  const inputs = handlers.map(({ streams, options, late }, index) => {
    const [first, ...others] = [...streams, ...(options.join ? [options.join.with] : [])]
    const spec = { ...options, ...(late && { late: `late${index}` }) }
    checkHandler(spec, others.length + 1)
    const registration = { handler: `run${index}`, stream: first!, options: spec }
    return toInput(registration, index, streamOf(first!), others.map(streamOf))
  })
  const committed: Committed = { rows: new Map(), state: new Map(), outbox: [], clocks: null, written: [] }
  const caller = createPlainCaller(handlers)
  const open = (): Processor =>
    createProcessor({
      deployment: 'dep',
      notebook: { id: 'nb', version: 1 },
      inputs,
      caller,
      ...(committed.clocks !== null && {
        restore: { clocks: copy(committed.clocks), state: copy([...committed.state]) },
      }),
    })
  let processor = open()
  const seqs = new Map<string, number>()
  function commit(): void {
    const { clocks, state, rows, gone, outbox } = processor.take()
    committed.clocks = copy(clocks)
    committed.written.push(Object.keys(state).length)
    for (const [key, value] of Object.entries(state))
      if (value === null) committed.state.delete(key)
      else committed.state.set(key, copy(value))
    for (const { id } of gone) committed.rows.delete(id)
    for (const row of rows) committed.rows.set(row.id, copy(row))
    committed.outbox.push(...copy(outbox))
  }
  return {
    committed,
    inputs,
    get processor() {
      return processor
    },
    commit,
    /** `kept`: what changed is left for the caller to take. */
    run: async (steps: Step[], restart: boolean | 'kept' = false): Promise<Committed> => {
      for (const step of steps) {
        if ('tick' in step) await processor.tick(step.tick)
        else {
          const { at, ts, stream = 'a', key = null, body = {} } = step
          const seq = (seqs.get(stream) ?? 0) + 1
          seqs.set(stream, seq)
          const message = { seq, body, headers: {}, key, eventTime: ts, receivedAt: at, bytes: 10 }
          await processor.add(message as unknown as Message, `id-${stream}`)
        }
        if (restart !== true) continue
        await processor.flush()
        commit()
        processor = open()
      }
      await processor.flush()
      if (restart !== 'kept') commit()
      return committed
    },
  }
}
export const rowsOf = ({ rows }: Committed): { [field: string]: unknown }[] =>
  [...rows.values()]
    .toSorted((a, b) => a.end - b.end || a.start - b.start || (a.id < b.id ? -1 : 1))
    .map(({ key, start, end, pane, fields }) => ({
      ...(key !== null && { key }),
      start,
      end,
      pane,
      ...fields,
    }))
