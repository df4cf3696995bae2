/**
 * The handlers that a processing notebook registered, and calling them: one after the other, each under the message's
 * clock and seed, with a state of its own that goes back whole when it changed. A call that fails ends the batch.
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
  state: JsonObject
}
export interface Handlers {
  add(run: Run): string
  isRunning(): boolean
  /** `done` gets the JSON of HandlerResult[], errors with their raw stack. */
  handle(calls: string, done: (results: string) => void): void
}

const most = 100

export function createHandlers(clock: () => MessageClock | undefined): Handlers {
  const handlers = dictionary<Run>()
  let count = 0
  let running = false

  function one(call: Call, next: (result: string, ok: boolean) => void): void {
    const before = stringify(call.state)
    const settle = (ok: boolean, value: unknown): void => {
      let text: string
      let good = ok
      try {
        text = ok ? toResult(value, call.state, before) : toFailure(value)
      } catch (error) {
        good = false
        text = toFailure(error)
      }
      running = false
      clock()?.stop()
      next(text, good)
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
      returned = (handlers[call.handler] as Run)(call.input, call.state)
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
    handle(text, done) {
      const calls = parse(text) as Call[]
      let results = ''
      const step = (at: number): void => {
        if (at >= calls.length) return done(`[${results}]`)
        return one(calls[at] as Call, (result, ok) => {
          results += `${results === '' ? '' : ','}${result}`
          if (ok) step(at + 1)
          else done(`[${results}]`)
        })
      }
      step(0)
    },
  }
}

function toResult(value: unknown, state: unknown, before: string): string {
  const after = stringify(state)
  if (after === undefined) throw new $TypeError("A handler's state must stay plain JSON.")
  const changed = after === before ? '' : `,"state":${after}`
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
