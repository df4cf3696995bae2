/**
 * The variables of the notebook as data: type, shape, bytes and a short preview of each, without running any code of
 * the user's. So proxies are not looked into, getters are named and not called, and what kind of object a value is
 * comes from its internal slots and its prototypes' own `constructor`.
 */
import { createMeasure, maybe, readOwn } from './measure.ts'
import {
  cut,
  dateIso,
  dateTime,
  functionText,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  indexOf,
  isArray,
  isEnumerable,
  mapSize,
  ownKeys,
  regexpSource,
  setSize,
  slice,
  stringify,
  typedArrayLength,
  typedArrayTag,
  wallNow,
} from './primordials.ts'
import { isProxy } from './proxy.ts'
import { GuestTable } from './sdk/table.ts'
import { quote, toKey, toPrimitive } from './inspect-text.ts'

const maxPreview = 200
const maxText = 80
/** After this the rest of the variables is told by name and type alone. */
const maxMs = 300

/** JSON of {name, type, shape, bytes, preview}[], of those `names` that are variables now. */
export function describeVariables(names: readonly string[]): string {
  const measure = createMeasure()
  const until = wallNow() + maxMs
  let text = ''
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string
    const found = getOwnPropertyDescriptor(globalThis, name)
    if (!found) continue
    const { value } = found as { value: unknown }
    const isGetter = found.get !== undefined || found.set !== undefined
    const isLate = wallNow() > until
    const type = isGetter ? 'getter' : typeOf(value)
    const shape = isGetter || isLate ? null : shapeOf(value)
    const bytes = isGetter || isLate ? null : measure.bytes(value)
    const preview = isGetter || isLate ? '' : cut(previewOf(value, 0), maxPreview)
    text += `${text === '' ? '' : ','}{"name":${stringify(name)},"type":${stringify(type)},"shape":${stringify(shape)},"bytes":${stringify(bytes)},"preview":${stringify(preview)}}`
  }
  return `[${text}]`
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'function')
    return isProxy(value) ? 'Proxy' : indexOf(sourceOf(value), 'class') === 0 ? 'class' : 'function'
  if (typeof value !== 'object') return typeof value
  if (isProxy(value)) return 'Proxy'
  if (isTable(value)) return 'Table'
  const tag = maybe(() => typedArrayTag(value))
  if (tag !== undefined) return tag
  const name = constructorName(value)
  return name === undefined || name === 'Object' ? 'object' : name === 'Array' ? 'array' : name
}

/** Rows and columns, or a length, or a count of keys, in words. */
function shapeOf(value: unknown): string | null {
  if (typeof value === 'string') return `${value.length} characters`
  if (typeof value !== 'object' || value === null || isProxy(value)) return null
  const { names, length, shape, $columns, $index, $data } = readOwn(
    value,
    'names',
    'length',
    'shape',
    '$columns',
    '$index',
    '$data',
  )
  if (isTable(value)) return `${length as number} × ${(names as unknown[]).length}`
  const items =
    maybe(() => typedArrayLength(value)) ?? maybe(() => mapSize(value)) ?? maybe(() => setSize(value))
  if (items !== undefined) return `${items}`
  if (isPlainArray(value)) {
    const first = getOwnPropertyDescriptor(value, 0)?.value as unknown
    const columns = widthOf(first)
    return columns === undefined ? `${value.length}` : `${value.length} × ${columns}`
  }
  // A frame of danfojs, a tensor of tfjs.
  if (isPlainArray($columns) && isPlainArray($index))
    return constructorName(value) === 'Series' ? `${$index.length}` : `${$index.length} × ${$columns.length}`
  if (isPlainArray($data) && isPlainArray($index)) return `${$index.length}`
  if (isPlainArray(shape) && shape.length <= 8) {
    let text = ''
    for (let i = 0; i < shape.length; i++) {
      const size = getOwnPropertyDescriptor(shape, i)?.value as unknown
      if (typeof size !== 'number') return null
      text += `${i === 0 ? '' : ' × '}${size}`
    }
    return text === '' ? 'scalar' : text
  }
  if (maybe(() => dateTime(value as Date)) !== undefined) return null
  const keys = ownKeys(value).length
  return `${keys} ${keys === 1 ? 'key' : 'keys'}`
}

/** Of the first of many rows. */
function widthOf(row: unknown): number | undefined {
  if (typeof row !== 'object' || row === null || isProxy(row)) return undefined
  if (isPlainArray(row)) return row.length
  return constructorName(row) === 'Object' ? ownKeys(row).length : undefined
}

function previewOf(value: unknown, depth: number): string {
  if (typeof value === 'string') return quote(cut(value, maxText))
  if (typeof value === 'function') return isProxy(value) ? '[Proxy]' : cut(sourceOf(value), maxText)
  if (typeof value !== 'object' || value === null) return cut(toPrimitive(value), maxText)
  if (isProxy(value)) return '[Proxy]'
  const time = maybe(() => dateTime(value as Date))
  if (time !== undefined) return time === time ? dateIso(value as Date) : 'Invalid Date'
  const source = maybe(() => regexpSource(value))
  if (source !== undefined && constructorName(value) === 'RegExp') return `/${cut(source, maxText)}/`
  const length = maybe(() => typedArrayLength(value))
  if (length !== undefined)
    return `[${parts(length, depth, (i) => `${(value as { [index: number]: unknown })[i] as number}`)}]`
  if (isArray(value))
    return depth > 1 ? '[…]' : `[${parts(value.length, depth, (i) => part(value, i, depth))}]`
  const name = constructorName(value)
  const { message } = readOwn(value, 'message')
  if (typeof message === 'string' && maybe(() => getOwnPropertyDescriptor(value, 'stack')) !== undefined)
    return `${name ?? 'Error'}: ${cut(message, maxText)}`
  const prefix = name === undefined || name === 'Object' ? '' : `${name} `
  if (depth > 1) return `${prefix}{…}`
  const keys = ownKeys(value)
  const shown = parts(keys.length, depth, (i) => {
    const key = keys[i] as PropertyKey
    return isEnumerable(value, key) ? `${toKey(key)}: ${part(value, key, depth)}` : ''
  })
  return `${prefix}{${shown}}`
}

function parts(length: number, depth: number, one: (index: number) => string): string {
  const most = depth === 0 ? 12 : 3
  let text = ''
  for (let i = 0; i < length; i++) {
    if (i === most || text.length > maxPreview) return `${text}, …`
    const shown = one(i)
    if (shown !== '') text += `${text === '' ? '' : ', '}${shown}`
  }
  return text
}

function part(of: object, key: PropertyKey, depth: number): string {
  const found = getOwnPropertyDescriptor(of, key)
  if (!found) return ''
  return found.get || found.set ? '(getter)' : previewOf(found.value, depth + 1)
}

/** Its fields are its own and cannot be changed. */
function isTable(value: object): boolean {
  return !isProxy(value) && getPrototypeOf(value) === GuestTable.prototype
}
function isPlainArray(value: unknown): value is unknown[] {
  return typeof value === 'object' && value !== null && !isProxy(value) && isArray(value)
}

/** `class A {` or `function f(a) {`: what stands before the body, as far as that is short. */
function sourceOf(value: object): string {
  const text = maybe(() => functionText(value as () => void)) ?? 'function'
  const brace = indexOf(text, '{')
  const line = indexOf(text, '\n')
  const end = brace < 0 || (line >= 0 && line < brace) ? line : brace
  return end > 0 ? `${slice(text, 0, end)}{…}` : text
}

/** The name of the nearest prototype's constructor. */
function constructorName(value: object): string | undefined {
  let at: object | null = value
  for (let i = 0; at !== null && i < 100; i++) {
    if (isProxy(at)) return undefined
    const made = getOwnPropertyDescriptor(at, 'constructor')?.value as unknown
    if (typeof made === 'function' && !isProxy(made)) {
      const name = getOwnPropertyDescriptor(made, 'name')?.value as unknown
      if (typeof name === 'string' && name !== '') return cut(name, 100)
    }
    at = getPrototypeOf(at)
  }
  return undefined
}
