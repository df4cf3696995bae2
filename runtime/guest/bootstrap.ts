/**
 * The first code in a user's isolate, and the only code of ours in it besides the SDK face and the toolkit. It leaves
 * one function behind for the main isolate, `suricateStart(post)`, which deletes itself, hardens the realm and
 * answers with `enter`: the only way in. Completion of a cell is a message, never the value of an entry.
 */
import type { Json, JsonObject } from '../json.ts'
import type { Bridge } from './bridge.ts'
import { installClock } from './clock.ts'
import { createConsole } from './console.ts'
import { createFace, type Face } from './face.ts'
import { harden } from './harden.ts'
import { createHandlers } from './handler.ts'
import { inspect, toJsonText } from './inspect.ts'
import { createMailbox } from './mailbox.ts'
import { createModules, type Modules } from './modules.ts'
import type { Done, Enter, GuestLimits, GuestSettings, Post } from './message.ts'
import { createOutputs } from './output.ts'
import {
  $Error,
  apply,
  create,
  defineProperty,
  getOwnPropertyDescriptor,
  ownKeys,
  parse,
  resolvePromise,
  stringify,
  whenSettled,
} from './primordials.ts'
import { createThrows, toRawError } from './report.ts'
import { createTimers } from './timer.ts'
import { describeVariables } from './variables.ts'

/** Larger JSON is shown as its beginning, as text. */
const maxShown = 1024 * 1024

type Cell = (given: {
  import: (specifier: unknown) => Promise<unknown>
  thrown: (value: unknown) => unknown
  sql: (tag: unknown, names: readonly string[]) => unknown
  global: object
}) => Promise<unknown>

function start(post: Post): Enter {
  harden()
  /** The step that the calls which were posted are of. */
  let told = 0
  const mailbox = createMailbox(post, () => {
    if (handlers.step === told) return
    told = handlers.step
    post('step', told, '', '')
  })
  const throws = createThrows()
  const outputs = createOutputs(post, () => mailbox.allow())
  let settings: GuestSettings | undefined
  let open = false
  let place = { cell: '', execution: 0 }
  let chosen: { value: unknown } | undefined
  let face: Partial<Pick<Face, 'display' | 'isHeavy' | 'settle' | 'sql' | 'overTables'>> = {}
  let modules = create(null) as object
  const imports = createModules(
    mailbox,
    () => open,
    (value) => inspect(value),
  )

  const complain = (error: unknown): void => {
    const raw = toRawError(error, inspect)
    outputs.line('stderr', `Uncaught ${raw.name}: ${raw.message}`)
  }
  const timers = createTimers(
    post,
    () => open,
    (run) => whenSettled(resolvePromise(undefined), run, complain),
    complain,
  )
  const handlers = createHandlers(() => installed)
  const bridge: Bridge = {
    call: (name, args, binary) => mailbox.call(name, args, binary),
    output: (output) => outputs.emit(output),
    handler: (run) => handlers.add(run),
    get parameters() {
      return (settings ? parse(settings.parameters) : {}) as JsonObject
    },
    get kind() {
      return settings?.kind ?? 'analytics'
    },
    inHandler: () => handlers.isRunning(),
    place: () => place,
    setResult(value) {
      chosen = { value }
    },
    inspect: (value) => inspect(value),
  }
  let installed: ReturnType<typeof installClock> | undefined

  function bind(given: GuestSettings): void {
    settings = given
    if (given.kind === 'processing') installed = installClock(given.clock)
    const made = createFace(bridge) as object
    face = made as typeof face
    modules = create(null) as object
    const names = ownKeys(made)
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string
      if (name === 'display' || name === 'isHeavy' || name === 'settle' || name === 'overTables') continue
      const value = getOwnPropertyDescriptor(made, name)?.value as unknown
      defineProperty(modules, name, { value, enumerable: true })
      define(name, value)
    }
    defineProperty(modules, 'console', { value: global.console, enumerable: true })
    defineProperty(modules, 'default', { value: modules })
    imports.bind(modules)
    addToolkit()
  }

  /** The toolkit's names, which a script loaded into this realm, join the module. */
  function addToolkit(): void {
    const names = ['dfd', 'tf', 'learn']
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string
      const value = getOwnPropertyDescriptor(globalThis, name)?.value as unknown
      if (value !== undefined) defineProperty(modules, name, { value, enumerable: true })
    }
    imports.toolkit()
  }

  /** The platform's tag with the variables of these names; a tag of the user's as it is. No getter is called. */
  function toSql(tag: unknown, names: readonly string[]): unknown {
    if (tag !== face.sql || !face.overTables) return tag
    const variables: { name: string; value: unknown }[] = []
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string
      const value = getOwnPropertyDescriptor(globalThis, name)?.value as unknown
      if (value !== undefined) defineProperty(variables, variables.length, { value: { name, value } })
    }
    return face.overTables(variables)
  }

  function begin(limits: GuestLimits): void {
    mailbox.open(limits)
    outputs.open(limits)
    timers.clear()
    throws.clear()
    chosen = undefined
    open = true
  }

  function finish(done: Done, number: number): void {
    outputs.close()
    post('done', number, '', stringify({ __proto__: null, ...done }))
  }

  function succeed(number: number, last: unknown, limits: GuestLimits): void {
    const holder = chosen ?? (last as { value: unknown } | undefined)
    if (holder === undefined) return finish({ status: 'ok' }, number)
    const { value } = holder
    const json = face.isHeavy?.(value) ? undefined : toJsonText(value)
    const done: Done = { status: 'ok', value: inspect(value, json) }
    if (json !== undefined && json.length <= limits.resultBytes) done.json = json
    else if (json !== undefined && chosen)
      throw new $Error(
        `The result is larger than ${limits.resultBytes} bytes as JSON (limit resultBytes); save it as an object.`,
      )
    if (value !== undefined)
      outputs.emit({ kind: 'result', data: toBundle(value, done.value as string, json) })
    return finish(done, number)
  }

  function toBundle(value: unknown, text: string, json: string | undefined): { [mime: string]: Json } {
    try {
      const small = json === undefined || json.length <= maxShown
      if (face.display && small) return face.display(value)
    } catch {
      // What cannot be displayed richly is shown as text.
    }
    return { 'text/plain': text }
  }

  function fail(number: number, error: unknown): void {
    finish({ status: 'error', error: toRawError(error, inspect, throws.stackOf) }, number)
  }

  function run(number: number, cell: Cell, limits: GuestLimits): void {
    begin(limits)
    place = { cell: limits.cell ?? '', execution: number }
    const given = create(null) as Parameters<Cell>[0]
    given.import = imports.import
    given.thrown = throws.note
    given.sql = toSql
    given.global = globalThis
    whenSettled(
      apply(cell, undefined, [given]) as Promise<unknown>,
      (last) =>
        settle(chosen ?? (last as { value: unknown } | undefined), () => {
          try {
            succeed(number, last, limits)
          } catch (error) {
            fail(number, error)
          }
        }),
      (error) => settle(undefined, () => fail(number, error)),
    )
  }
  function handle([number, calls, states, after, given]: [number, string, string, string, string]): void {
    const limits = parse(given) as GuestLimits
    told = 0
    begin(limits)
    handlers.handle({
      calls,
      states,
      after,
      between() {
        if (mailbox.inFlight > 0 || timers.waiting > 0) return false
        outputs.close()
        begin(limits)
        return true
      },
      done(results) {
        outputs.close()
        post('handled', number, '', results)
      },
    })
  }
  /** What the cell shows has arrived first, unless it is being ended. */
  function settle(holder: { value: unknown } | undefined, then: () => void): void {
    let waiting: Promise<void> | undefined
    try {
      waiting = open ? face.settle?.(holder) : undefined
    } catch {
      // A value that cannot be looked at is shown as text.
    }
    if (waiting) whenSettled(waiting, then, then)
    else then()
  }

  const global = { console: createConsole(outputs, inspect), queueMicrotask: timers.queueMicrotask }
  define('console', global.console)
  define('queueMicrotask', global.queueMicrotask)
  for (const name of ['setTimeout', 'setInterval'] as const) define(name, timers[name])
  for (const name of ['clearTimeout', 'clearInterval']) define(name, timers.clearTimeout)

  return (command, ...given) => {
    switch (command) {
      case 'bind':
        return bind(parse(given[0] as string) as GuestSettings)
      case 'toolkit':
        return addToolkit()
      case 'module':
        return imports.load(
          given[0] as number,
          given[1] as string,
          given[2] as Parameters<Modules['load']>[2],
          given[3] as string | undefined,
        )
      case 'run':
        return run(given[0] as number, given[1] as Cell, parse(given[2] as string) as GuestLimits)
      case 'deliver': {
        const [id, ok, text, ...binary] = given
        return mailbox.deliver(id as number, ok as boolean, text as string, binary as ArrayBuffer[])
      }
      case 'fire':
        return timers.fire(given[0] as number)
      case 'handle':
        return handle(given as [number, string, string, string, string])
      case 'variables':
        return post(
          'variables',
          given[0] as number,
          '',
          describeVariables(parse(given[1] as string) as string[]),
        )
      case 'abort':
        timers.clear()
        if (given[2]) handlers.abandon()
        mailbox.abort(given[0] as string, given[1] as string, given[2] as boolean)
        if (given[2]) open = false
        return outputs.flush()
      default:
        return undefined
    }
  }
}

function define(name: string, value: unknown): void {
  defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true })
}

defineProperty(globalThis, 'suricateStart', {
  configurable: true,
  value: (post: Post): Enter => {
    Reflect.deleteProperty(globalThis, 'suricateStart')
    return start(post)
  },
})
