/**
 * The contents of open windows, and how they are saved. A window's entry is `w NAME KEY` and holds its last items; those
 * before lie beside it in full chunks, `i NAME CHUNK KEY`, so that a commit writes what is new and not the whole window
 * again. NAME is a whole number (the start, or a running one); KEY is `=` and the key, or `-` for none.
 */
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import { badState, toKeyText } from './windows.ts'

const chunkSize = 64

export interface Bag<T> {
  readonly name: number
  readonly key: string | null
  items: T[]
  /** Items and chunks that were handed out by `changes`; -1: the window itself was not. */
  savedItems: number
  savedChunks: number
  dirty: boolean
}

export function newBag<T>(name: number, key: string | null): Bag<T> {
  return { name, key, items: [], savedItems: -1, savedChunks: 0, dirty: false }
}

export class Bags<T extends Json, B extends Bag<T>> {
  readonly #toJson: (bag: B) => JsonObject
  #dirty: B[] = []
  #gone: B[] = []

  constructor(toJson: (bag: B) => JsonObject) {
    this.#toJson = toJson
  }
  touch(bag: B): void {
    if (bag.dirty) return
    bag.dirty = true
    this.#dirty.push(bag)
  }
  /** The items were put in another order: all are written again. */
  rewrite(bag: B): void {
    bag.savedItems = Math.min(bag.savedItems, 0)
    this.touch(bag)
  }
  drop(bags: Iterable<B>): void {
    const dropped = new Set(bags)
    for (const bag of dropped) if (bag.savedItems >= 0) this.#gone.push(bag)
    this.#dirty = this.#dirty.filter((bag) => !dropped.has(bag))
  }

  changes(): { [stateKey: string]: Json | null } {
    const result: { [stateKey: string]: Json | null } = {}
    for (const { name, key, savedChunks } of this.#gone) {
      result[`w ${name} ${toKeyText(key)}`] = null
      for (let chunk = 0; chunk < savedChunks; chunk++) result[`i ${name} ${chunk} ${toKeyText(key)}`] = null
    }
    for (const bag of this.#dirty) {
      const { items, name } = bag
      const key = toKeyText(bag.key)
      const chunks = Math.floor(items.length / chunkSize)
      const tail = items.slice(chunks * chunkSize)
      result[`w ${name} ${key}`] = { ...this.#toJson(bag), items: items.length, tail }
      const from = Math.min(Math.floor(Math.max(bag.savedItems, 0) / chunkSize), chunks)
      for (let chunk = from; chunk < chunks; chunk++)
        result[`i ${name} ${chunk} ${key}`] = items.slice(chunk * chunkSize, (chunk + 1) * chunkSize)
      for (let chunk = chunks; chunk < bag.savedChunks; chunk++) result[`i ${name} ${chunk} ${key}`] = null
      bag.savedItems = items.length
      bag.savedChunks = chunks
      bag.dirty = false
    }
    this.#gone = []
    this.#dirty = []
    return result
  }

  /**
   * invalid: an entry that no `changes` made, or a window whose items are not all there. What is neither window nor
   * items goes to `other`.
   */
  static restore<T extends Json, B extends Bag<T>>(
    entries: Iterable<[string, Json]>,
    make: (name: number, key: string | null, saved: JsonObject) => B | undefined,
    other: (stateKey: string, value: Json) => void = badState,
  ): void {
    const chunks: { stateKey: string; name: number; chunk: number; key: string | null; items: T[] }[] = []
    const made = new Map<string, { bag: B; items: number; tail: T[] }>()
    for (const [stateKey, value] of entries) {
      const match = /^(?:w (-?\d+)|i (-?\d+) (\d+)) (?:-|=([\s\S]*))$/.exec(stateKey)
      if (!match) {
        other(stateKey, value)
        continue
      }
      const key = match[4] ?? null
      if (stateKey.startsWith('w ')) {
        const items = isJsonObject(value) ? value['items'] : undefined
        // earlier versions kept the last items as a chunk too
        const tail = isJsonObject(value) ? value['tail'] : undefined
        const bag = isJsonObject(value) ? make(Number(match[1]), key, value) : undefined
        if (!bag || typeof items !== 'number' || !Number.isInteger(items)) badState(stateKey)
        bag.savedItems = items
        bag.savedChunks = Math[tail === undefined ? 'ceil' : 'floor'](items / chunkSize)
        made.set(stateKey.slice(2), { bag, items, tail: Array.isArray(tail) ? (tail as T[]) : [] })
      } else if (Array.isArray(value))
        chunks.push({ stateKey, name: Number(match[2]), chunk: Number(match[3]), key, items: value as T[] })
      else badState(stateKey)
    }
    chunks.sort((a, b) => a.chunk - b.chunk)
    for (const { stateKey, name, chunk, key, items } of chunks) {
      const found = made.get(`${name} ${toKeyText(key)}`)
      if (found?.bag.items.length !== chunk * chunkSize) badState(stateKey)
      for (const item of items) found!.bag.items.push(item)
    }
    for (const [stateKey, { bag, items, tail }] of made) {
      for (const item of tail) bag.items.push(item)
      if (bag.items.length !== items) badState(`w ${stateKey}`)
    }
  }
}
