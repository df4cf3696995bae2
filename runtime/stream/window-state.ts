/**
 * The contents of open windows, and how they are saved. A window's entry is `w START KEY`; its items lie beside it in
 * chunks, `i START CHUNK KEY`, so that a commit writes what is new and not the whole window again. KEY is `=` and the
 * key, or `-` for none.
 */
import { AppError } from '../error.ts'
import type { Json } from '../json.ts'

const chunkSize = 64

export interface OpenWindow<T> {
  start: number
  key: string | null
  items: T[]
  /** How many panes it has emitted. */
  panes: number
  /** Items and chunks that were handed out by `changes`; -1: the window itself was not. */
  savedItems: number
  savedChunks: number
  dirty: boolean
}
/** Where the empty windows of a key begin, and which is the next to look at. */
export interface Silence {
  key: string | null
  first: number
  next: number
  dirty: boolean
}
/** All windows with one start. */
export interface Slot<T> {
  start: number
  end: number
  windows: Map<string | null, OpenWindow<T>>
}

const toKey = (key: string | null): string => (key === null ? '-' : `=${key}`)

export class WindowState<T extends Json> {
  readonly slots = new Map<number, Slot<T>>()
  readonly silences = new Map<string | null, Silence>()
  private dirty: OpenWindow<T>[] = []
  private dirtySilences: Silence[] = []
  private gone: OpenWindow<T>[] = []

  open(slot: Slot<T>, key: string | null): OpenWindow<T> {
    const window: OpenWindow<T> = {
      start: slot.start,
      key,
      items: [],
      panes: 0,
      savedItems: -1,
      savedChunks: 0,
      dirty: false,
    }
    slot.windows.set(key, window)
    return window
  }
  touch(window: OpenWindow<T>): void {
    if (window.dirty) return
    window.dirty = true
    this.dirty.push(window)
  }
  touchSilence(silence: Silence): void {
    if (silence.dirty) return
    silence.dirty = true
    this.dirtySilences.push(silence)
  }
  drop(slot: Slot<T>): void {
    this.slots.delete(slot.start)
    for (const window of slot.windows.values()) if (window.savedItems >= 0) this.gone.push(window)
    slot.windows = new Map()
    this.dirty = this.dirty.filter((window) => window.start !== slot.start)
  }

  changes(): { [stateKey: string]: Json | null } {
    const result: { [stateKey: string]: Json | null } = {}
    for (const window of this.gone) {
      result[`w ${window.start} ${toKey(window.key)}`] = null
      for (let chunk = 0; chunk < window.savedChunks; chunk++)
        result[`i ${window.start} ${chunk} ${toKey(window.key)}`] = null
    }
    for (const window of this.dirty) {
      const { items, start } = window
      const name = toKey(window.key)
      result[`w ${start} ${name}`] = { panes: window.panes, items: items.length }
      const chunks = Math.ceil(items.length / chunkSize)
      const from = Math.min(Math.floor(Math.max(window.savedItems, 0) / chunkSize), chunks)
      for (let chunk = from; chunk < chunks; chunk++)
        result[`i ${start} ${chunk} ${name}`] = items.slice(chunk * chunkSize, (chunk + 1) * chunkSize)
      for (let chunk = chunks; chunk < window.savedChunks; chunk++)
        result[`i ${start} ${chunk} ${name}`] = null
      window.savedItems = items.length
      window.savedChunks = chunks
      window.dirty = false
    }
    for (const silence of this.dirtySilences) {
      result[`e ${toKey(silence.key)}`] = [silence.first, silence.next]
      silence.dirty = false
    }
    this.gone = []
    this.dirty = []
    this.dirtySilences = []
    return result
  }

  /** invalid: an entry that no `changes` made, or a window whose items are not all there. */
  restore(entries: Iterable<[string, Json]>, slotOf: (start: number) => Slot<T>): void {
    const bad = (stateKey: string): never => {
      throw new AppError('invalid', `The saved window state is wrong at "${stateKey.slice(0, 100)}".`)
    }
    const chunks: { stateKey: string; start: number; chunk: number; key: string | null; items: T[] }[] = []
    const expected = new Map<OpenWindow<T>, number>()
    for (const [stateKey, value] of entries) {
      const match = /^(?:w (-?\d+)|i (-?\d+) (\d+)|e) (?:-|=([\s\S]*))$/.exec(stateKey)
      if (!match) bad(stateKey)
      const key = match![4] ?? null
      if (stateKey.startsWith('w ')) {
        const saved = value as { panes: number; items: number }
        if (!Number.isInteger(saved?.panes) || !Number.isInteger(saved.items)) bad(stateKey)
        const window = this.open(slotOf(Number(match![1])), key)
        window.panes = saved.panes
        window.savedItems = saved.items
        window.savedChunks = Math.ceil(saved.items / chunkSize)
        expected.set(window, saved.items)
      } else if (stateKey.startsWith('e ')) {
        const saved = value as [number, number]
        if (!Array.isArray(saved) || saved.length !== 2) bad(stateKey)
        this.silences.set(key, { key, first: saved[0], next: saved[1], dirty: false })
      } else {
        if (!Array.isArray(value)) bad(stateKey)
        chunks.push({
          stateKey,
          start: Number(match![2]),
          chunk: Number(match![3]),
          key,
          items: value as T[],
        })
      }
    }
    chunks.sort((a, b) => a.chunk - b.chunk)
    for (const chunk of chunks) {
      const window = this.slots.get(chunk.start)?.windows.get(chunk.key)
      if (!window || window.items.length !== chunk.chunk * chunkSize) bad(chunk.stateKey)
      for (const item of chunk.items) window!.items.push(item)
    }
    for (const [window, items] of expected)
      if (window.items.length !== items) bad(`w ${window.start} ${toKey(window.key)}`)
  }
}
