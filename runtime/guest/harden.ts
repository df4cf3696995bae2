/**
 * Takes away, before user code, what `memoryLimit` does not count or what reaches outside: shared and resizable
 * memory, WebAssembly (the toolkit has taken what it needs), atomics, the built-in console; and pins what the
 * bootstrap relies on. The rest of the language stays the user's to change.
 */
import { installProxy } from './proxy.ts'
import {
  $ArrayBuffer,
  $Error,
  $Promise,
  $TypeError,
  construct,
  defineProperty,
  isView,
} from './primordials.ts'

const removed = ['SharedArrayBuffer', 'Atomics', 'WebAssembly', 'console'] as const

export function harden(): void {
  for (let i = 0; i < removed.length; i++) Reflect.deleteProperty(globalThis, removed[i] as string)
  replaceArrayBuffer()
  installProxy()
  pin($Error, 'prepareStackTrace', undefined)
  $Error.stackTraceLimit = 20
  pin($Promise.prototype, 'constructor', $Promise)
  const species = Object.getOwnPropertyDescriptor($Promise, Symbol.species)
  if (species) defineProperty($Promise, Symbol.species, { ...species, configurable: false })
  pin(globalThis, 'globalThis', globalThis)
}

function pin(target: object, name: PropertyKey, value: unknown): void {
  defineProperty(target, name, { value, writable: false, enumerable: false, configurable: false })
}

/** The same, but never resizable: its options are ignored. */
function replaceArrayBuffer(): void {
  const FixedArrayBuffer = function (this: unknown, length: number): ArrayBuffer {
    if (!new.target) throw new $TypeError("Constructor ArrayBuffer requires 'new'")
    return construct($ArrayBuffer, [length], new.target as unknown as NewableFunction) as ArrayBuffer
  }
  pin(FixedArrayBuffer, 'name', 'ArrayBuffer')
  pin(FixedArrayBuffer, 'prototype', $ArrayBuffer.prototype)
  pin(FixedArrayBuffer, 'isView', isView)
  pin($ArrayBuffer.prototype, 'constructor', FixedArrayBuffer)
  pin(globalThis, 'ArrayBuffer', FixedArrayBuffer)
}
