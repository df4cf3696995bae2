/**
 * What was thrown, as text: any value at all, whose getters may throw or lie. The frames are sorted out outside. A value
 * that is no error knows no place; compiled cells pass it through `note` on its way (rewrite.ts), which keeps the
 * latest with the stack of there.
 */
import type { RawError } from './message.ts'
import { $Error, cut, sameValue, slice } from './primordials.ts'

const maxMessage = 8_192
const maxStack = 16_384

export interface Throws {
  /** Returns the value. */
  note(this: void, value: unknown): unknown
  /** The stack of where this value was thrown last; empty when that is not known. */
  stackOf(this: void, value: unknown): string
  clear(): void
}

export function createThrows(): Throws {
  let latest: { value: unknown; at: Error } | undefined
  return {
    note(value) {
      if (!isError(value)) latest = { value, at: new $Error() }
      return value
    },
    stackOf: (value) => (latest && sameValue(latest.value, value) ? (read(latest.at, 'stack') ?? '') : ''),
    clear() {
      latest = undefined
    },
  }
}

/** `stack`: for what is no error. */
export function toRawError(
  thrown: unknown,
  inspect: (value: unknown) => string,
  stack: (value: unknown) => string = () => '',
): RawError {
  if (isError(thrown)) return toNamed(thrown, '')
  // First: looking at the value may throw others.
  const place = stack(thrown)
  const shown = inspect(thrown)
  const isObject = (typeof thrown === 'object' && thrown !== null) || typeof thrown === 'function'
  const told = { message: cut(`Thrown: ${shown}`, maxMessage), thrown: cut(shown, maxMessage) }
  if (!isObject) return { name: 'Error', ...told, stack: place }
  const named = toNamed(thrown, told.message)
  return { ...named, thrown: told.thrown, stack: named.stack === '' ? place : named.stack }
}

function isError(value: unknown): value is Error {
  try {
    return value instanceof $Error
  } catch {
    return false
  }
}

function toNamed(thrown: object, otherwise: string): RawError {
  const name = read(thrown, 'name')
  const message = read(thrown, 'message')
  const stack = read(thrown, 'stack') ?? ''
  return {
    name: cut(name === undefined || name === '' ? 'Error' : name, 200),
    message: cut(message ?? otherwise, maxMessage),
    // Only the frames, which come last: a long message must not push them out.
    stack: stack.length > maxStack ? slice(stack, stack.length - maxStack) : stack,
  }
}

function read(of: object, key: string): string | undefined {
  try {
    const value = (of as { [key: string]: unknown })[key]
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
