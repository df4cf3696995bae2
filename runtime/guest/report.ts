/** What was thrown, as text: any value at all, whose getters may throw or lie. The frames are sorted out outside. */
import type { RawError } from './message.ts'
import { $Error, cut, slice } from './primordials.ts'

const maxMessage = 8_192
const maxStack = 16_384

export function toRawError(thrown: unknown, inspect: (value: unknown) => string): RawError {
  const isObject = (typeof thrown === 'object' && thrown !== null) || typeof thrown === 'function'
  if (!isObject) return { name: 'Error', message: cut(`Thrown: ${inspect(thrown)}`, maxMessage), stack: '' }
  const isError = thrown instanceof $Error
  const name = read(thrown, 'name')
  const message = read(thrown, 'message')
  const stack = read(thrown, 'stack') ?? ''
  return {
    name: cut(name === undefined || name === '' ? 'Error' : name, 200),
    message: cut(message ?? (isError ? '' : `Thrown: ${inspect(thrown)}`), maxMessage),
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
