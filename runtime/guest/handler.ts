/**
 * The handlers that a processing notebook registered, and calling them: one after the other, each under the message's
 * clock and seed, with a state of its own that goes back whole when it changed. A call that fails ends the batch, and so
 * does one that leaves a question to the host or a timer behind.
 */
import type { JsonObject } from '../json.ts'
import type { MessageClock } from './clock.ts'
import { inspect } from './inspect.ts'
import {
  $Error,
  $TypeError,
  dictionary,
  getPrototypeOf,
  hasOwn,
  isArray,
  objectPrototype,
  ownKeys,
  parse,
  resolvePromise,
  stringify,
  whenSettled,
} from './primordials.ts'
import { toRawError } from './report.ts'

type Run = (input: JsonObject, state: JsonObject) => unknown
interface Call {
  handler: string
  now: number
  seed: number
  input: JsonObject
}
export interface Handlers {
  add(run: Run): string
  isRunning(): boolean
  /** Of the calls that go one after the other, which one runs. */
  readonly step: number
  handle(batch: Batch): void
  /** What has ended of the batch that was cut off, told. */
  abandon(): void
}
export interface Batch {
  /** JSON of a list of calls; of one of the states of those that `after` gives none; of one of places, or null. */
  calls: string
  states: string
  after: string
  /** Before each call but the first; false: something was left behind, and it goes no further. */
  between: () => boolean
  /** Gets the JSON of HandlerResult[], errors with their raw stack. */
  done: (results: string) => void
}

const most = 100
/** UTF-16 units of results, beyond which a batch goes no further: what crosses has a bound. */
const maxResults = 4_000_000
/** So many turns has what a call left behind before the next one begins: chains of promises that nobody awaits. */
const turns = 16

export function createHandlers(clock: () => MessageClock | undefined): Handlers {
  const handlers = dictionary<Run>()
  let count = 0
  let running = false
  let current: { at: number; results: string; done: Batch['done'] } | undefined

  function end(): void {
    const ended = current
    current = undefined
    ended?.done(`[${ended.results}]`)
  }

  function one(
    call: Call,
    state: JsonObject,
    before: string,
    next: (result: string, after: string | undefined) => void,
  ): void {
    const settle = (ok: boolean, value: unknown): void => {
      let text: string
      let after: string | undefined
      try {
        if (ok) {
          after = toStateText(state)
          text = toResult(value, after === before ? undefined : after)
        } else text = toFailure(value)
      } catch (error) {
        after = undefined
        text = toFailure(error)
      }
      running = false
      clock()?.stop()
      next(text, after)
    }
    if (!hasOwn(handlers, call.handler))
      return settle(
        false,
        new $Error(`There is no handler ${call.handler}; the notebook's cells did not register it.`),
      )
    running = true
    clock()?.start(call.now, call.seed)
    let returned: unknown
    try {
      returned = (handlers[call.handler] as Run)(call.input, state)
    } catch (error) {
      return settle(false, error)
    }
    return whenSettled(
      resolvePromise(returned),
      (value) => settle(true, value),
      (error) => settle(false, error),
    )
  }

  return {
    add(run) {
      if (count >= most) throw new $Error(`A notebook registers at most ${most} handlers.`)
      const id = `handler-${++count}`
      handlers[id] = run
      return id
    },
    isRunning: () => running,
    get step() {
      return current?.at ?? 0
    },
    abandon() {
      if (!current) return
      running = false
      clock()?.stop()
      end()
    },
    handle({ between, done, ...given }) {
      const calls = parse(given.calls) as Call[]
      const states = parse(given.states) as JsonObject[]
      const after = parse(given.after) as (number | null)[]
      const texts = dictionary<string>()
      let taken = 0
      const mine = { at: 0, results: '', done }
      current = mine
      const step = (): void => {
        const from = after[mine.at]
        const left = typeof from === 'number' ? texts[from] : undefined
        const state = left === undefined ? (states[taken++] as JsonObject) : (parse(left) as JsonObject)
        const before = left ?? stringify(state)
        one(calls[mine.at] as Call, state, before, (result, text) => {
          // cut off while it ran
          if (current !== mine) return
          mine.results += `${mine.at === 0 ? '' : ','}${result}`
          if (text === undefined || mine.at + 1 >= calls.length || mine.results.length > maxResults)
            return end()
          texts[mine.at] = text
          return rest(turns)
        })
      }
      const rest = (left: number): void => {
        if (left > 0)
          return whenSettled(
            resolvePromise(undefined),
            () => rest(left - 1),
            () => undefined,
          )
        if (current !== mine) return
        if (!between()) return end()
        mine.at += 1
        return step()
      }
      step()
    },
  }
}

function toStateText(state: unknown): string {
  const text = stringify(state)
  if (text === undefined) throw new $TypeError("A handler's state must stay plain JSON.")
  return text
}
function toResult(value: unknown, state: string | undefined): string {
  const changed = state === undefined ? '' : `,"state":${state}`
  if (value === undefined || value === null) return `{"status":"ok"${changed}}`
  return `{"status":"ok","row":${toRow(value)}${changed}}`
}

function toRow(value: unknown): string {
  const fault = `A handler returns a flat object of numbers, texts and booleans, or nothing; not ${inspect(value).slice(0, 200)}`
  if (typeof value !== 'object' || value === null || isArray(value)) throw new $TypeError(fault)
  const prototype = getPrototypeOf(value)
  if (prototype !== objectPrototype && prototype !== null) throw new $TypeError(fault)
  const keys = ownKeys(value)
  for (let i = 0; i < keys.length; i++) {
    const part = (value as { [key: PropertyKey]: unknown })[keys[i] as PropertyKey]
    if (typeof part === 'object' && part !== null) throw new $TypeError(fault)
  }
  const text = stringify(value)
  if (text === undefined) throw new $TypeError(fault)
  return text
}

function toFailure(error: unknown): string {
  return `{"status":"error","error":${stringify({ __proto__: null, ...toRawError(error, inspect) })}}`
}
