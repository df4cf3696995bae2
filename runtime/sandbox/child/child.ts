/**
 * The main isolate of a sandbox child: framer and mailbox, no user's value ever becomes one of its objects. It reads
 * its files, gives up reading and loading, and only then accepts work. Exits with its parent: at the end of stdin.
 */
import type { Done, GuestSettings } from '../../guest/message.ts'
import { importCall } from '../../guest/module-names.ts'
import { FrameReader, toChunks, type Frame } from '../frame.ts'
import { frameCaps, interactiveLimits } from '../limits.ts'
import type { GuestError, Limits } from '../port.ts'
import { fromWire, type ChildEvent, type Command } from '../protocol.ts'
import { openCompiler } from './compiler.ts'
import { openRun, type Ending, type Run } from './execution.ts'
import { readFiles } from './files.ts'
import { createAsked } from './modules.ts'
import { toGuestError, type Scripts } from './position.ts'
import { openRealm, type Realm } from './realm.ts'

const toolkitNames = /\b(?:dfd|tf|learn)\b/
/** Of which variables are told: the newest. */
const maxVariables = 5_000
/** A child that has been idle this long makes the next isolate from the snapshot. */
const spareAfterMs = 150

interface Permission {
  drop(scope: string): void
}

export async function startChild(folder: string): Promise<void> {
  process.env['TZ'] = 'UTC'
  process.on('uncaughtException', (error) => {
    // An isolate that ran out of memory goes at any moment.
    if (/isolate (?:is|was) disposed/i.test(error.message))
      die('memory', 'It ran out of memory (limit heapMb).')
    else die('killed', `The sandbox failed: ${error.message}`)
  })
  const files = readFiles(folder)
  const permission = (process as { permission?: Permission }).permission
  permission?.drop('addon')
  permission?.drop('fs.read')

  const compiler = await openCompiler(files)
  const asked = createAsked(files.modules)
  const scripts: Scripts = new Map()
  /** Name of a variable -> the cell that declared it last. */
  const declared = new Map<string, string>()
  let bound: (Omit<GuestSettings, 'limits'> & { limits: Limits }) | undefined
  let spare: Realm | undefined
  let spareTimer: NodeJS.Timeout | undefined
  let realm: Realm | undefined
  let run: Run | undefined
  /** Commands that were taken and have not started; an interrupt for one of them waits with it. */
  let pending = 0
  /** Which of a batch's calls runs. */
  let step = 0
  let interrupted = false
  let count = 0
  let order = Promise.resolve()

  function send(header: { type: ChildEvent['type'] } & object, parts: Uint8Array[] = []): void {
    for (const chunk of toChunks(header, parts)) process.stdout.write(chunk)
  }
  function die(status: 'memory' | 'timeout' | 'killed', message: string): void {
    send({ type: 'fatal', status, message: message.slice(0, 500) } as never)
    setTimeout(() => process.exit(70), 50)
  }

  function makeRealm(snapshot: boolean, heapMb: number): Promise<Realm> {
    return openRealm(files, {
      heapMb,
      snapshot,
      onCatastrophe: (message) => die('memory', `The isolate failed: ${message}`),
      onPost(kind, id, name, text, parts) {
        switch (kind) {
          case 'output':
            return send({ type: 'output' }, [Buffer.from(text)])
          case 'call': {
            const own = name === importCall ? asked.take(id, text) : undefined
            if (own) return run?.load(id, own)
            run?.call(id)
            return send({ type: 'call', id, name, step } as never, [Buffer.from(text), ...parts])
          }
          case 'step':
            step = id
            return undefined
          case 'timer':
            return run?.timer(id, Number(text))
          case 'untimer':
            return run?.untimer(id)
          case 'done':
          case 'handled':
          case 'variables':
            return id === run?.number ? run.settle(text) : undefined
        }
      },
    })
  }

  async function makeSpare(): Promise<Realm> {
    const made = await makeRealm(true, interactiveLimits.heapMb)
    await made.warm()
    return made
  }

  /** The isolate of this kernel: made at its first cell, which tells whether the toolkit is wanted. */
  async function takeRealm(text: string): Promise<Realm> {
    const settings = bound
    if (!settings) throw new Error('work before bind')
    const wantsToolkit = toolkitNames.test(text)
    if (!realm) {
      const fits = spare !== undefined && settings.limits.heapMb === interactiveLimits.heapMb
      realm = fits ? spare : await makeRealm(wantsToolkit, settings.limits.heapMb)
      if (!fits) spare?.dispose()
      spare = undefined
      await realm?.enter(() => 5_000, 'bind', JSON.stringify(settings))
    }
    const taken = realm as Realm
    if (wantsToolkit && !taken.hasToolkit) {
      await taken.loadToolkit()
      await taken.enter(() => 5_000, 'toolkit')
    }
    return taken
  }

  async function finish(
    number: number,
    ending: Ending,
    toDetail: (text: string) => Promise<Detail>,
  ): Promise<void> {
    const detail = ending.text === undefined ? {} : await toDetail(ending.text).catch(() => ({}) as Detail)
    const { json, ...rest } = detail
    const told =
      ending.message === undefined ? rest : { ...rest, error: { ...rest.error, ...toLimitError(ending) } }
    run = undefined
    asked.clear()
    const { status, cpuMs, alive } = ending
    const parts = [Buffer.from(JSON.stringify(told)), ...(json === undefined ? [] : [Buffer.from(json)])]
    send({ type: 'end', execution: number, status, cpuMs, alive } as never, parts)
  }

  async function runCell(command: Extract<Command, { type: 'run' }>, source: string): Promise<void> {
    const limits = fromWire(command.limits)
    const number = command.execution
    step = 0
    const file = `cell-${++count}.js`
    const compiled = await compiler.compile(source, file, limits)
    if (!compiled.ok) {
      const error = { ...compiled.error, cell: command.cell }
      send({ type: 'end', execution: number, status: 'error', cpuMs: 0, alive: true } as never, [
        Buffer.from(JSON.stringify({ error })),
      ])
      return
    }
    scripts.set(file, { id: command.cell, label: command.label })
    for (const name of compiled.declares) {
      declared.delete(name)
      declared.set(name, command.cell)
    }
    for (const oldest of declared.keys()) {
      if (declared.size <= maxVariables) break
      declared.delete(oldest)
    }
    const taken = await takeRealm(source)
    run = openRun(taken, number, limits, (ending) => {
      void finish(number, ending, async (text) => {
        if (ending.status === 'timeout') return {}
        const { value, json, error } = JSON.parse(text) as Done
        return {
          ...(value === undefined ? {} : { value }),
          ...(json === undefined ? {} : { json }),
          ...(error ? { error: await toGuestError(error, scripts, compiler) } : {}),
        }
      })
    })
    run.start((ms) =>
      taken.run({ code: compiled.code, file }, number, JSON.stringify({ ...limits, cell: command.cell }), ms),
    )
  }

  async function runHandlers(
    { execution, limits: given, after }: Extract<Command, { type: 'handle' }>,
    calls: string,
    states: string,
  ): Promise<void> {
    const limits = fromWire(given)
    const taken = await takeRealm('')
    step = 0
    run = openRun(taken, execution, limits, (ending) => {
      void finish(execution, ending, async (text) => {
        const results = JSON.parse(text) as { error?: Done['error'] }[]
        const failed = results.at(-1)
        if (failed?.error)
          Object.assign(failed, { error: await toGuestError(failed.error, scripts, compiler) })
        return { results }
      })
    })
    const places = JSON.stringify(after)
    run.start((ms) => taken.enter(ms, 'handle', execution, calls, states, places, JSON.stringify(limits)))
  }

  async function runVariables({ execution, limits }: Extract<Command, { type: 'variables' }>): Promise<void> {
    const names = JSON.stringify([...declared.keys()])
    // No isolate is made to say that there is nothing in it.
    if (!realm) {
      const told = [Buffer.from(JSON.stringify({ variables: [] }))]
      return send({ type: 'end', execution, status: 'ok', cpuMs: 0, alive: true } as never, told)
    }
    const taken = await takeRealm('')
    run = openRun(taken, execution, fromWire(limits), (ending) => {
      void finish(execution, ending, (text) => {
        const variables = JSON.parse(text) as { name: string; cell?: string | undefined }[]
        for (const variable of variables) variable.cell = declared.get(variable.name)
        return Promise.resolve({ variables })
      })
    })
    run.start((ms) => taken.enter(ms, 'variables', execution, names))
  }

  async function renew(): Promise<void> {
    declared.clear()
    realm?.dispose()
    realm = undefined
    bound = undefined
    scripts.clear()
    await compiler.reset()
    spareTimer = setTimeout(() => {
      void makeSpare().then((made) => {
        if (bound || spare) made.dispose()
        else spare = made
      })
    }, spareAfterMs)
    send({ type: 'renewed' })
  }

  function work(start: () => Promise<void>): void {
    pending += 1
    order = order.then(async () => {
      await start()
      pending -= 1
      if (interrupted) run?.interrupt()
      interrupted = false
    })
  }

  function onCommand({ header, parts }: Frame): void {
    const command = header as unknown as Command
    const text = (index: number): string => Buffer.from(parts[index] as Uint8Array).toString()
    switch (command.type) {
      case 'bind':
        order = order.then(() => {
          clearTimeout(spareTimer)
          const { kind, limits, clock } = command
          bound = { kind, limits: fromWire(limits), parameters: text(0), ...(clock && { clock }) }
        })
        break
      case 'run':
        return work(() => runCell(command, text(0)))
      case 'handle':
        return work(() => runHandlers(command, text(0), text(1)))
      case 'variables':
        return work(() => runVariables(command))
      case 'renew':
        order = order.then(renew)
        break
      case 'abort':
        if (run) run.interrupt()
        else interrupted = pending > 0
        break
      case 'answer': {
        if (!run?.answered(command.id)) return
        const script = asked.answered(command.id, command.ok, parts)
        if (script) return run.load(command.id, script)
        const binary = parts.slice(1).map((part) => {
          // A buffer of its own, which moves into the isolate: a large part has come into one.
          const { buffer } = part.byteLength === part.buffer.byteLength ? part : new Uint8Array(part)
          return new files.ivm.ExternalCopy(buffer, { transferList: [buffer] }).copyInto({
            transferIn: true,
            release: true,
          })
        })
        run.enter('deliver', command.id, command.ok, text(0), ...binary)
      }
    }
  }

  const reader = new FrameReader(frameCaps.toChild, onCommand)
  process.stdin.on('data', (chunk: Buffer) => reader.push(chunk))
  process.stdin.on('end', () => process.exit(0))
  spare = await makeSpare()
  send({ type: 'ready' })
}

interface Detail {
  value?: string
  json?: string
  error?: Partial<GuestError>
  results?: unknown[]
  variables?: unknown[]
}

function toLimitError({ status, message }: Ending): Partial<GuestError> {
  const name = status === 'memory' ? 'MemoryLimit' : status === 'timeout' ? 'TimeLimit' : 'Interrupted'
  return { name, message: message ?? '' }
}
