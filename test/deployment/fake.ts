/**
 * A sandbox in this process for tests of what is around it: a cell's source is the name of a script, and handlers are
 * plain functions. State, input and rows cross as copies. Throwing `Death` is the end of the sandbox.
 */
import type {
  GuestError,
  HandlerResult,
  Receipt,
  Sandbox,
  SandboxOptions,
} from '../../runtime/sandbox/port.ts'
import type { Json, JsonObject } from '../../runtime/json.ts'
import type { JoinOptions, OnOptions } from '../../runtime/sdk/streaming.ts'

export class Death extends Error {}
export interface Sdk {
  parameters: JsonObject
  on(stream: string | string[], options: OnOptions & { late?: unknown }, handler: FakeHandler): Promise<void>
  join(left: string, right: string, options: JoinOptions, handler: FakeHandler): Promise<void>
  webhook(url: string, body: Json, options?: JsonObject): Promise<Json>
  alert(title: string, options?: JsonObject): Promise<Json>
}
export interface FakeCall {
  now: number
  seed: number
}
export type FakeHandler = (input: never, state: never, call: FakeCall) => unknown
export type Script = (sdk: Sdk) => unknown
const receipt = (calls = 1): Receipt => ({ cpuMs: calls, wallMs: 1, peakBytes: 1000, messages: 1, bytes: 10 })
const copy = <T>(value: T): T => (value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T))

export function createFakeSandboxes(scripts: { [source: string]: Script }): {
  opened: Sandbox[]
  open(options: SandboxOptions): Promise<Sandbox>
} {
  const opened: Sandbox[] = []
  return {
    opened,
    open(options) {
      const sandbox = createFakeSandbox(options, scripts)
      opened.push(sandbox)
      return Promise.resolve(sandbox)
    },
  }
}

function createFakeSandbox(options: SandboxOptions, scripts: { [source: string]: Script }): Sandbox {
  const handlers = new Map<string, FakeHandler>()
  let cell: string | null = null
  let step = 0
  let state = 'ready' as 'ready' | 'dead'
  const closed = Promise.withResolvers<never>()
  closed.promise.catch(() => undefined)
  const call = async (name: string, ...args: Json[]): Promise<Json> => {
    const signal = new AbortController().signal
    return (await options.host[name]!(copy(args), { binary: [], signal, cell, step })).value
  }
  const add = (handler: FakeHandler): string => {
    const id = `h${handlers.size}-${Math.random()}`
    handlers.set(id, handler)
    return id
  }
  async function register(
    stream: string | string[],
    { late, ...given }: { late?: unknown; [option: string]: unknown },
    handler: FakeHandler,
  ): Promise<void> {
    const more = late === undefined ? {} : { late: add(late as FakeHandler) }
    await call('streams.on', stream, add(handler), copy({ ...given, ...more }) as Json)
  }
  const sdk: Sdk = {
    parameters: options.parameters ?? {},
    on: (stream, given, handler) => register(stream, { ...given }, handler),
    join: (left, right, { within, unmatched, maxWaiting, ...given }, handler) =>
      register(left, { ...given, join: { with: right, within, unmatched, maxWaiting } }, handler),
    webhook: (url, body, given = {}) => call('act.webhook', url, body, given),
    alert: (title, given = {}) => call('act.alert', title, given),
  }
  const toError = (error: unknown): GuestError => ({
    name: (error as Error).name,
    message: (error as Error).message,
    cell: 'c1',
    line: 7,
  })
  return {
    get state() {
      return state
    },
    pid: 1,
    async execute({ id, source }) {
      cell = id
      try {
        await scripts[source]!(sdk)
        return { status: 'ok', receipt: receipt(), alive: true }
      } catch (error) {
        return { status: 'error', error: toError(error), receipt: receipt(), alive: true }
      } finally {
        cell = null
      }
    },
    async handle(calls) {
      const results: HandlerResult[] = []
      if (state === 'dead') throw new Error('the sandbox is dead')
      const left: Json[] = []
      for (const [index, { handler, now, seed, input, state: given }] of calls.entries()) {
        step = index
        const before = 'value' in given ? given.value : left[given.after]!
        const after = copy(before)
        left.push(after)
        try {
          const row = await Promise.race([
            handlers.get(handler)!(copy(input) as never, after as never, { now, seed }),
            closed.promise,
          ])
          const changed = JSON.stringify(after) !== JSON.stringify(before)
          results.push({ status: 'ok', row: copy(row ?? null) as Json, ...(changed && { state: after }) })
        } catch (error) {
          const died = error instanceof Death
          if (died) state = 'dead'
          results.push({ status: died ? 'killed' : 'error', error: toError(error) })
          return { results, receipt: receipt(results.length), alive: !died }
        }
      }
      return { results, receipt: receipt(results.length), alive: true }
    },
    variables: () => Promise.resolve([]),
    interrupt: () => Promise.resolve({ alive: true }),
    usage: () => ({ rssBytes: 0, cpuMs: 0 }),
    close() {
      state = 'dead'
      closed.reject(new Death('closed'))
      return Promise.resolve()
    },
  }
}
