/**
 * A Sandbox over one child process: one execution at a time, its outputs and host calls, its receipt, its limits on
 * this side of the pipe, and the end of it when the child dies instead of answering. After close() the child may
 * serve another run of the same workspace with a fresh isolate; this object has let go of it.
 */
import type { Json } from '../json.ts'
import { openCalls } from './calls.ts'
import { FrameError } from './frame.ts'
import { toDetail, toOutput, type Detail } from './guest-output.ts'
import { grace, limitMessage, toLimits } from './limits.ts'
import type {
  Execution,
  ExecutionStatus,
  GuestError,
  GuestOutput,
  HandlerCall,
  HandlerResult,
  Limits,
  Receipt,
  Sandbox,
  SandboxOptions,
} from './port.ts'
import type { Death, SandboxProcess } from './process.ts'
import { toWire, type ChildEvent, type Command } from './protocol.ts'

export interface KernelDeps {
  base: Limits
  onInternal: (name: string, error: unknown) => void
  /** The child is idle, whole and no longer this kernel's. */
  release(child: SandboxProcess): void
}
export const errorMime = 'application/vnd.suricate.error+json'

interface Ended extends Detail {
  status: ExecutionStatus
  json?: Json
  receipt: Receipt
  alive: boolean
}
interface Current {
  number: number
  cell: string | null
  limits: Limits
  /** Of how many calls of handlers; 1 for a cell. */
  steps: number
  started: number
  cpuBefore: number
  wall: NodeJS.Timeout | undefined
  outputs: number
  bytes: number
  end: (ended: Ended) => void
}

const outputSlack = 100
/** Processes use CPU beside the isolate: compiling, collecting, the mailbox. */
const cpuSlack = { times: 2, ms: 4_000 }
const watchMs = 200
const variablesMs = 1_000
/** UTF-16 units of the calls that cross together. */
const maxBatch = 1_000_000

export function openKernel(child: SandboxProcess, options: SandboxOptions, deps: KernelDeps): Sandbox {
  const bound = toLimits(options.limits, deps.base)
  let current: Current | undefined
  let number = 0
  /** Id -> what people call it, of the cells that ran here. */
  const labels = new Map<string, string>()
  let queue: Promise<unknown> = Promise.resolve()
  let death: Death | undefined
  let closed = false
  let interrupting = false
  /** Of begin(): those up to the second number were interrupted before they began. */
  let turns = 0
  let dropped = 0
  const calls = openCalls(
    options.host,
    (id, ok, parts) => child.send({ type: 'answer', id, ok }, parts),
    deps.onInternal,
  )

  function finish(ended: Omit<Ended, 'receipt'>, cpuMs: number | undefined): void {
    const done = current
    if (!done) return
    current = undefined
    clearTimeout(done.wall)
    calls.abort()
    const { messages, bytes, peakBytes } = child.counts
    done.end({
      ...ended,
      receipt: {
        cpuMs: Math.round(cpuMs ?? Math.max(0, child.usage().cpuMs - done.cpuBefore)),
        wallMs: Math.round(performance.now() - done.started),
        peakBytes,
        messages,
        bytes,
      },
    })
  }

  function onDeath(given: Death): void {
    death = given
    const running = current !== undefined
    const status = interrupting && given.status === 'killed' ? 'killed' : given.status
    if (running) finish({ status, error: toDeathError(given), results: [], alive: false }, undefined)
    if (!closed) options.onDeath?.(given.reason)
  }

  function onEvent(event: ChildEvent): void {
    const done = current
    // What is sent between executions, or for another one, has nobody to answer to.
    if (!done) return
    switch (event.type) {
      case 'output':
        return takeOutput(done, event.text)
      case 'call':
        if (!calls.take(event, done.cell))
          child.kill({ status: 'killed', reason: limitMessage('hostCallsInFlight', done.limits) })
        return
      case 'end':
        if (event.execution === done.number) takeEnd(event, done)
        return
      case 'ready':
      case 'renewed':
      case 'fatal':
        return
    }
  }

  function takeOutput(done: Current, text: string): void {
    done.outputs += 1
    done.bytes += text.length
    const { outputItems, outputBytes, richBytes, messagesPerSecond } = done.limits
    const seconds = 1 + (performance.now() - done.started) / 1000
    if (
      done.outputs > outputItems * done.steps + outputSlack + seconds * messagesPerSecond ||
      done.bytes > (outputBytes + 5 * richBytes) * 6 * done.steps
    )
      return child.kill({ status: 'killed', reason: limitMessage('outputBytes', done.limits) })
    protect(() => options.onOutput(toOutput(text, done.cell, done.limits)))
  }

  function takeEnd(event: Extract<ChildEvent, { type: 'end' }>, done: Current): void {
    protect(() => {
      const detail = toDetail(event.detail)
      const alive = event.alive && !child.dead
      const ended: Omit<Ended, 'receipt'> = { ...detail, status: event.status, alive }
      const error = detail.error
      if (event.json !== undefined && Buffer.byteLength(event.json) <= done.limits.resultBytes)
        ended.json = toJson(event.json)
      if (error && done.cell !== null) options.onOutput(toErrorOutput(error, done.cell, labels))
      if (!alive) {
        death = { status: 'killed', reason: error?.message ?? 'Its isolate ended.' }
        child.kill(death)
      }
      finish(ended, event.alive ? event.cpuMs : undefined)
    })
  }

  /** Runs what reads the child's words; a fault in them ends the child. */
  function protect(work: () => void): void {
    try {
      work()
    } catch (error) {
      if (!(error instanceof FrameError)) throw error
      child.kill({ status: 'killed', reason: `It broke the protocol: ${error.message}.` })
    }
  }

  function begin(
    cell: string | null,
    given: Partial<Limits> | undefined,
    toSend: (current: Current) => void,
    steps = 1,
  ): Promise<Ended> {
    const limits = toLimits(given, bound)
    const turn = ++turns
    const next = queue.then(
      () =>
        new Promise<Ended>((resolve) => {
          const started = performance.now()
          if (child.dead || closed) {
            const told = death ?? { status: 'killed' as const, reason: 'The sandbox was closed.' }
            return resolve({
              status: 'killed',
              error: toDeathError(told),
              results: [],
              receipt: noReceipt,
              alive: false,
            })
          }
          if (turn <= dropped)
            return resolve({
              status: 'error',
              error: interrupted,
              results: [],
              receipt: noReceipt,
              alive: true,
            })
          interrupting = false
          child.watch(limits)
          child.reset()
          calls.limit(limits)
          current = {
            number: ++number,
            cell,
            limits,
            steps,
            started,
            cpuBefore: child.usage().cpuMs,
            wall: watch(limits, started),
            outputs: 0,
            bytes: 0,
            end: resolve,
          }
          return toSend(current)
        }),
    )
    queue = next
    return next
  }

  /** The child keeps the limits itself; this is for the one that cannot. */
  function watch(limits: Limits, started: number): NodeJS.Timeout {
    const wall = limits.wallMs + limits.compileMs + grace.parentMs
    const cpu = limits.cpuMs * cpuSlack.times + cpuSlack.ms
    const timer = setInterval(() => {
      const limit = performance.now() - started > wall ? 'wallMs' : cpuOf() > cpu ? 'cpuMs' : undefined
      if (limit) child.kill({ status: 'timeout', reason: limitMessage(limit, limits) })
    }, watchMs)
    return timer
  }
  const cpuOf = (): number => (current ? child.usage().cpuMs - current.cpuBefore : 0)

  const bindCommand: Command = {
    type: 'bind',
    kind: options.kind ?? 'analytics',
    limits: toWire(bound),
    ...(options.clock && { clock: options.clock }),
  }
  child.watch(bound)
  child.listen({ onEvent, onDeath })
  child.send(bindCommand, [Buffer.from(JSON.stringify(options.parameters ?? {}))])

  return {
    get state() {
      return child.dead || closed ? 'dead' : current ? 'busy' : 'ready'
    },
    get pid() {
      return child.pid
    },
    async execute({ id, label, source }, given) {
      const limits = toLimits(given, bound)
      const bytes = Buffer.from(source)
      labels.set(id, label)
      const ended = await begin(id, given, ({ number: execution }) => {
        if (bytes.byteLength > limits.sourceBytes) return refuseSource(id, limits)
        return child.send({ type: 'run', execution, cell: id, label, limits: toWire(limits) }, [bytes])
      })
      const { status, value, json, error, receipt, alive } = ended
      const execution: Execution = { status, receipt, alive }
      if (value !== undefined) execution.value = value
      if (json !== undefined) execution.json = json
      if (error) execution.error = error
      return execution
    },
    async handle(list, given) {
      const limits = toLimits(given, bound)
      const { after, parts } = toBatch(list)
      const { status, error, results, receipt, alive } = await begin(
        null,
        given,
        ({ number: execution }) =>
          child.send({ type: 'handle', execution, limits: toWire(limits), after }, parts),
        after.length,
      )
      const told: HandlerResult[] = results.slice(0, after.length)
      if (status !== 'ok') told.push({ status, ...(error ? { error } : {}) })
      return { results: told, receipt, alive }
    },
    async variables() {
      const given = { cpuMs: variablesMs, wallMs: 2 * variablesMs }
      const { variables } = await begin(null, given, ({ number: execution, limits }) =>
        child.send({ type: 'variables', execution, limits: toWire(limits) }),
      )
      return variables
    },
    async interrupt() {
      const running = current
      dropped = turns
      if (!running) return { alive: !child.dead }
      const over = new Promise<void>((resolve) => {
        const { end } = running
        running.end = (ended) => (end(ended), resolve())
      })
      interrupting = true
      child.send({ type: 'abort' })
      calls.abort()
      const timer = setTimeout(() => {
        if (current === running)
          child.kill({
            status: 'killed',
            reason:
              'It was interrupted and did not stop within a second; the kernel restarted and its variables are gone.',
          })
      }, grace.interruptMs)
      await over
      clearTimeout(timer)
      return { alive: !child.dead }
    },
    usage: () => child.usage(),
    async close() {
      if (closed) return
      const idle = current === undefined && !child.dead
      closed = true
      calls.abort()
      if (idle) return deps.release(child)
      child.kill({ status: 'killed', reason: 'The sandbox was closed.' })
      await child.ended
    },
  }

  function refuseSource(cell: string, limits: Limits): void {
    const error: GuestError = {
      name: 'SyntaxError',
      message: limitMessage('sourceBytes', limits),
      cell,
      line: 1,
      column: 1,
    }
    options.onOutput(toErrorOutput(error, cell, labels))
    finish({ status: 'error', error, results: [], alive: true }, 0)
  }
}

/** As many of the calls as cross at once. */
function toBatch(list: readonly HandlerCall[]): { after: (number | null)[]; parts: Buffer[] } {
  const after: (number | null)[] = []
  const calls: string[] = []
  const states: string[] = []
  let length = 0
  for (const { state, ...call } of list) {
    const text = JSON.stringify(call)
    const given = 'value' in state ? JSON.stringify(state.value) : undefined
    length += text.length + (given?.length ?? 0)
    if (calls.length > 0 && length > maxBatch) break
    calls.push(text)
    after.push('after' in state ? state.after : null)
    if (given !== undefined) states.push(given)
  }
  return { after, parts: [calls, states].map((list) => Buffer.from(`[${list.join(',')}]`)) }
}

const noReceipt: Receipt = { cpuMs: 0, wallMs: 0, peakBytes: 0, messages: 0, bytes: 0 }
const interrupted: GuestError = { name: 'Interrupted', message: 'The cell was interrupted.' }

/** The place in it is told by the label of its cell. */
function toErrorOutput(error: GuestError, cell: string, labels: ReadonlyMap<string, string>): GuestOutput {
  const told = error.cell === undefined ? {} : { cell: labels.get(error.cell) ?? error.cell }
  const where = error.line === undefined ? '' : ` (line ${error.line}, column ${error.column})`
  const text = `${error.name}: ${error.message}${where}${error.stack ? `\n${error.stack}` : ''}`
  return { cell, kind: 'error', data: { [errorMime]: { ...error, ...told }, 'text/plain': text } }
}

function toDeathError({ status, reason }: Death): GuestError {
  const name = status === 'memory' ? 'MemoryLimit' : status === 'timeout' ? 'TimeLimit' : 'KernelDied'
  return { name, message: reason }
}

function toJson(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    throw new FrameError('a value that is not JSON')
  }
}
