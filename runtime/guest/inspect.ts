/**
 * text/plain of any value on one line: strings as they are, other primitives by String (a bigint with n, -0 as -0),
 * plain objects and arrays as JSON, the rest in the manner of Node's util.inspect: depth 2, 100 entries. Never throws
 * and never grows beyond its bound; a getter is named, not called. What a proxy's traps do is the caller's time.
 */
import {
  cut,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  isArray,
  isEnumerable,
  objectPrototype,
  ownKeys,
  sameValue,
  stringify,
} from './primordials.ts'
import { describeObject, type Shape } from './inspect-shape.ts'
import { quote, toKey, toPrimitive } from './inspect-text.ts'

const maxText = 64 * 1024
const maxEntries = 100
const maxDepth = 2

interface Walk {
  /** Objects on the way down, by depth. */
  path: unknown[]
  depth: number
  left: number
  circular: unknown
}

/** `json` where the caller has it already. */
export function inspect(value: unknown, json?: string): string {
  try {
    if (typeof value === 'string') return cut(value, maxText)
    if (typeof value !== 'object' || value === null)
      return typeof value === 'function' ? cut(show(value), maxText) : toPrimitive(value)
    return cut(isPlain(value) ? (json ?? maybeJson(value) ?? show(value)) : show(value), maxText)
  } catch {
    return '[a value that cannot be shown]'
  }
}

function isPlain(value: object): boolean {
  if (isArray(value)) return true
  const prototype = getPrototypeOf(value)
  return prototype === objectPrototype || prototype === null
}

/** undefined where JSON would fail or say less: cycles, big integers, throwing getters. */
function maybeJson(value: object): string | undefined {
  try {
    return stringify(value)
  } catch {
    return undefined
  }
}

function show(value: unknown): string {
  return walk(value, { path: [], depth: 0, left: maxText, circular: undefined })
}

function walk(value: unknown, state: Walk): string {
  if (typeof value === 'string') return quote(value)
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return toPrimitive(value)
  for (let i = 0; i < state.depth; i++)
    if (state.path[i] === value) {
      state.circular = value
      return '[Circular *1]'
    }
  if (state.left <= 0) return '...'
  let shape: Shape
  try {
    shape = describeObject(value)
  } catch {
    return '[a value that cannot be shown]'
  }
  if (shape.whole !== undefined && !hasOwnParts(value, shape)) return shape.whole
  if (state.depth > maxDepth) return shape.deep
  define(state.path, state.depth, value)
  state.depth += 1
  const body = parts(value, shape, state)
  state.depth -= 1
  const mark = state.circular === value ? '<ref *1> ' : ''
  if (mark !== '') state.circular = undefined
  const prefix = shape.whole ?? shape.prefix
  const [open, close] = shape.isList ? (['[', ']'] as const) : (['{', '}'] as const)
  const text = body === '' ? `${open}${close}` : `${open} ${body} ${close}`
  const whole =
    shape.whole !== undefined ? `{ ${prefix}${body === '' ? '' : ` ${body}`} }` : `${prefix}${text}`
  state.left -= whole.length
  return `${mark}${whole}`
}

function define(list: unknown[], index: number, value: unknown): void {
  Object.defineProperty(list, index, { value, writable: true, enumerable: true, configurable: true })
}

function hasOwnParts(value: object, shape: Shape): boolean {
  const keys = ownKeys(value)
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as PropertyKey
    if (isEnumerable(value, key) && !shape.hides(key)) return true
  }
  return false
}

function parts(value: object, shape: Shape, state: Walk): string {
  let text = ''
  let count = 0
  let more = 0
  const add = (part: () => string): void => {
    if (count >= maxEntries || state.left <= 0) {
      more += 1
      return
    }
    count += 1
    const made = part()
    state.left -= made.length
    text += `${text === '' ? '' : ', '}${made}`
  }
  if (shape.isList && shape.holes) {
    let holes = 0
    const length = (value as unknown[]).length
    const seen = length > maxEntries ? maxEntries : length
    for (let i = 0; i < seen; i++) {
      const found = getOwnPropertyDescriptor(value, i)
      if (!found) {
        holes += 1
        if (i + 1 < seen) continue
      }
      const empty = holes
      if (empty > 0) add(() => `<${empty} empty item${empty > 1 ? 's' : ''}>`)
      holes = 0
      if (found) add(() => property(found, state))
    }
    more += length - seen
  } else
    shape.each((left, right, isPair) => {
      add(() => (isPair ? `${walk(left, state)} => ${walk(right, state)}` : walk(left, state)))
    })
  const keys = ownKeys(value)
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as PropertyKey
    if (shape.hides(key)) continue
    const found = getOwnPropertyDescriptor(value, key)
    if (!found?.enumerable) continue
    add(() => `${toKey(key)}: ${property(found, state)}`)
  }
  if (more === 0) return text
  const note = `... ${more} more item${more > 1 ? 's' : ''}`
  return text === '' ? note : `${text}, ${note}`
}

function property(found: PropertyDescriptor, state: Walk): string {
  if (found.get) return found.set ? '[Getter/Setter]' : '[Getter]'
  return found.set ? '[Setter]' : walk(found.value, state)
}

/** Whether a value is what JSON can hold without loss at its top: a result that others may read as data. */
export function toJsonText(value: unknown): string | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return stringify(value)
  if (typeof value === 'number')
    return value - value === 0 && !sameValue(value, -0) ? stringify(value) : undefined
  if (typeof value !== 'object') return undefined
  const hasToJson = typeof (value as { toJSON?: unknown }).toJSON === 'function'
  if (!isPlain(value) && !hasToJson) return undefined
  try {
    return stringify(value)
  } catch {
    return undefined
  }
}
