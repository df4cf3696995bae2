/**
 * Table children by workspace: one is bound to the first workspace that it serves and never given to another. One spare
 * waits unbound, so that a first query does not pay for a start; idle ones go after a minute, at the latest when
 * another workspace needs the place.
 */
import { AppError } from '../error.ts'
import type { TableProcess } from './process.ts'

const perWorkspace = 2
const maxChildren = 8
const maxWaiting = 64

export interface Pool {
  /** Runs `use` with a child of this workspace; waits for one while all are busy. */
  with<T>(workspace: string, signal: AbortSignal, use: (child: TableProcess) => Promise<T>): Promise<T>
  close(): Promise<void>
}
interface Slot {
  workspace: string
  child: TableProcess
  busy: boolean
  idle?: NodeJS.Timeout
}

export function openPool(open: () => Promise<TableProcess>, idleMs: number): Pool {
  const slots = new Set<Slot>()
  const waiting: { workspace: string; wake(): void }[] = []
  const all = new Set<TableProcess>()
  let starting = 0
  let closed = false
  let spare = start()
  spare.catch(() => undefined)

  async function start(): Promise<TableProcess> {
    const child = await open()
    if (closed) child.close()
    all.add(child)
    void child.ended.then(() => all.delete(child))
    return child
  }
  async function takeSpare(): Promise<TableProcess> {
    const taken = spare
    spare = new Promise((resolve) => {
      // the next one starts when this one's first command is probably done
      setTimeout(() => resolve(start()), 300).unref()
    })
    spare.catch(() => undefined)
    const child = await taken.catch(() => start())
    return child.dead ? start() : child
  }
  function drop(slot: Slot): void {
    clearTimeout(slot.idle)
    slots.delete(slot)
    slot.child.close()
  }
  function findPlace(workspace: string): Slot | 'open' | undefined {
    let own = 0
    for (const slot of slots) {
      if (slot.workspace !== workspace) continue
      if (!slot.busy && !slot.child.dead) return slot
      own++
    }
    if (own >= perWorkspace) return undefined
    if (slots.size + starting < maxChildren) return 'open'
    for (const slot of slots)
      if (!slot.busy) {
        drop(slot)
        return 'open'
      }
    return undefined
  }
  async function acquire(workspace: string, signal: AbortSignal): Promise<Slot> {
    for (;;) {
      if (closed) throw new AppError('unavailable', 'The tables are closed.')
      if (signal.aborted) throw signal.reason as Error
      const place = findPlace(workspace)
      if (place === 'open') {
        starting++
        try {
          const slot: Slot = { workspace, child: await takeSpare(), busy: true }
          slots.add(slot)
          return slot
        } finally {
          starting--
        }
      }
      if (place) {
        clearTimeout(place.idle)
        place.busy = true
        return place
      }
      await waitForPlace(workspace, signal)
    }
  }
  function waitForPlace(workspace: string, signal: AbortSignal): Promise<void> {
    if (waiting.length >= maxWaiting)
      throw new AppError('limit', `More than ${maxWaiting} queries wait for their turn. Try again.`)
    return new Promise((resolve) => {
      const entry = { workspace, wake: done }
      function done(): void {
        const at = waiting.indexOf(entry)
        if (at >= 0) waiting.splice(at, 1)
        signal.removeEventListener('abort', done)
        resolve()
      }
      signal.addEventListener('abort', done)
      waiting.push(entry)
    })
  }
  function release(slot: Slot): void {
    slot.busy = false
    if (slot.child.dead) drop(slot)
    else slot.idle = setTimeout(() => drop(slot), idleMs).unref()
    for (const entry of waiting.slice()) entry.wake()
  }
  return {
    async with(workspace, signal, use) {
      const slot = await acquire(workspace, signal)
      try {
        return await use(slot.child)
      } finally {
        release(slot)
      }
    },
    async close() {
      closed = true
      for (const entry of waiting.slice()) entry.wake()
      for (const child of all) child.close()
      await Promise.all(Array.from(all, (child) => child.ended))
    },
  }
}
