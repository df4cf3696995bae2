/**
 * The pool of sandbox children. A spare one has loaded everything and holds no workspace's data; opening a sandbox
 * binds it to a workspace for good and starts the next spare. A child whose sandbox was closed while it was whole is
 * kept for a while for the same workspace, where it takes a fresh isolate; it never serves another.
 */
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import { AppError } from '../error.ts'
import { openFolder } from './folder.ts'
import { openKernel } from './kernel.ts'
import { interactiveLimits, toLimits } from './limits.ts'
import type { Limits, Sandboxes, SandboxOptions } from './port.ts'
import { openProcess, type SandboxProcess } from './process.ts'
import { touch, touchMs } from './sweep.ts'
import { openWrapper } from './wrapper.ts'

export interface SandboxesOptions {
  log: Pick<Logger, 'info' | 'warn' | 'error'>
  /** How many spare children wait. */
  pool: number
  /** Over the defaults of the limits table. */
  limits?: Partial<Limits>
  /** On loopback with one user: sandboxes also start where no wrapper works. */
  singleUser: boolean
  /** The folder of the bundles; default build/guest. */
  buildDir?: string
}

const readyMs = 20_000
const warmMs = 60_000
const warmPerWorkspace = 4
const maxStarting = 4
const maxWaiting = 1_000
const refillMs = 300

interface Spare {
  child: SandboxProcess
  ready: Promise<void>
}

export async function openSandboxes(options: SandboxesOptions): Promise<Sandboxes> {
  const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
  const folder = await openFolder(options.buildDir ?? join(root, 'build/guest'))
  const beat = setInterval(() => void touch(folder.path).catch(() => undefined), touchMs).unref()
  const wrapper = await openWrapper(folder.node)
  const { mode, missing } = wrapper
  if (mode === 'none' && !options.singleUser)
    throw new AppError(
      'unavailable',
      `Notebooks cannot be run safely here: no wrapper for their processes works (${missing.join('; ')}).`,
    )
  if (missing.length > 0) options.log.warn({ mode, missing }, 'Sandbox wrappers are missing')

  const base = toLimits(options.limits, interactiveLimits)
  const spares: Spare[] = []
  const warm = new Map<string, { child: SandboxProcess; timer: NodeJS.Timeout }[]>()
  const children = new Set<SandboxProcess>()
  /** Who waits for another start to end. */
  const line: (() => void)[] = []
  let starting = 0
  let closed = false

  function start(limits: Limits): Spare {
    const child = openProcess(folder, wrapper, limits)
    children.add(child)
    void child.ended.then(() => children.delete(child))
    starting += 1
    const ready = waitFor(child, 'ready').finally(() => {
      starting -= 1
      line.shift()?.()
    })
    // Who takes the spare sees the fault.
    ready.catch(() => undefined)
    return { child, ready }
  }

  /** A rush of starts would only make each of them late. */
  async function startInTurn(limits: Limits): Promise<Spare> {
    if (line.length >= maxWaiting)
      throw new AppError('limit', `More than ${maxWaiting} sandboxes wait to be started; try again later.`)
    while (starting >= maxStarting) await new Promise<void>((resolve) => line.push(resolve))
    if (closed) throw new AppError('unavailable', 'The sandboxes were closed.')
    return start(limits)
  }

  function fill(): void {
    while (!closed && line.length === 0 && spares.length < options.pool) {
      const spare = start(base)
      spares.push(spare)
      spare.ready.catch((error: unknown) => {
        const at = spares.indexOf(spare)
        if (at >= 0) spares.splice(at, 1)
        if (!closed) options.log.error({ error: String(error) }, 'A sandbox child did not start')
      })
    }
  }

  async function take(limits: Limits): Promise<SandboxProcess> {
    // A spare's process was started with the memory of the defaults.
    let spare = limits.rssMb > base.rssMb ? undefined : spares.shift()
    while (spare?.child.dead) spare = spares.shift()
    const taken = spare ?? (await startInTurn(limits))
    // Not now: the first cell of this kernel needs the processor.
    setTimeout(fill, refillMs).unref()
    await taken.ready
    return taken.child
  }

  function takeWarm(workspace: string): SandboxProcess | undefined {
    const list = warm.get(workspace) ?? []
    for (let entry = list.pop(); entry; entry = list.pop()) {
      clearTimeout(entry.timer)
      if (!entry.child.dead) return entry.child
    }
    return undefined
  }

  function release(workspace: string, child: SandboxProcess): void {
    const list = warm.get(workspace) ?? []
    if (closed || list.length >= warmPerWorkspace)
      return child.kill({ status: 'killed', reason: 'The sandbox was closed.' })
    child.watch(base)
    child.listen({ onEvent: () => undefined, onDeath: () => undefined })
    child.send({ type: 'renew' })
    const timer = setTimeout(() => {
      list.splice(list.indexOf(entry), 1)
      if (list.length === 0) warm.delete(workspace)
      child.kill({ status: 'killed', reason: 'It was idle.' })
    }, warmMs)
    timer.unref()
    const entry = { child, timer }
    list.push(entry)
    warm.set(workspace, list)
    return undefined
  }

  fill()
  return {
    wrappers: { mode, missing },
    async open(given: SandboxOptions) {
      if (closed) throw new AppError('unavailable', 'The sandboxes were closed.')
      const limits = toLimits(given.limits, base)
      const child =
        (limits.rssMb > base.rssMb ? undefined : takeWarm(given.workspace)) ?? (await take(limits))
      return openKernel(child, given, {
        base,
        release: (idle) => release(given.workspace, idle),
        onInternal: (name, error) => options.log.error({ name, error }, 'A host function failed'),
      })
    },
    async close() {
      closed = true
      clearInterval(beat)
      for (const list of warm.values()) for (const { timer } of list) clearTimeout(timer)
      warm.clear()
      spares.length = 0
      for (const next of line.splice(0)) next()
      const all = [...children]
      for (const child of all) child.kill({ status: 'killed', reason: 'The server stopped.' })
      await Promise.all(all.map((child) => child.ended))
    },
  }
}

/** Rejects when the child dies first or takes too long. */
function waitFor(child: SandboxProcess, type: 'ready'): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill({ status: 'killed', reason: `It was not ${type} within ${readyMs} ms.` })
    }, readyMs)
    child.listen({
      onEvent(event) {
        if (event.type !== type) return
        clearTimeout(timer)
        resolve()
      },
      onDeath({ reason }) {
        clearTimeout(timer)
        reject(new AppError('unavailable', `A sandbox could not be started: ${reason}`))
      },
    })
  })
}
