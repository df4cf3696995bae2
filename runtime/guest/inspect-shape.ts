/** What kind of object a value is, for inspect(): found by its internal slots, which user code cannot fake or trap. */
import {
  bigintValue,
  booleanValue,
  bufferLength,
  cut,
  dateIso,
  dateTime,
  functionText,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  isArray,
  mapForEach,
  mapSize,
  numberValue,
  objectPrototype,
  regexpExec,
  regexpText,
  setForEach,
  setSize,
  stringValue,
  symbolText,
  symbolValue,
  typedArrayLength,
  typedArrayTag,
  weakMapHas,
  weakSetHas,
  $Error,
  $Promise,
} from './primordials.ts'
import { quote, toPrimitive } from './inspect-text.ts'

export interface Shape {
  /** The text where the value has no parts of its own: `[Function: f]`, a date, an error. */
  whole?: string
  /** `Map(2) `, `Point `, empty for plain objects and arrays. */
  prefix: string
  /** Below the depth: `[Map]`. */
  deep: string
  isList: boolean
  holes: boolean
  hides(key: PropertyKey): boolean
  each(add: (left: unknown, right: unknown, isPair: boolean) => void): void
}

const nothing = (): void => undefined
const index = /^(0|[1-9]\d*)$/
const isIndex = (key: PropertyKey): boolean => typeof key === 'string' && regexpExec(index, key) !== null
const none = (): boolean => false

function whole(text: string, hides: Shape['hides'] = none): Shape {
  return { whole: text, prefix: '', deep: text, isList: false, holes: false, hides, each: nothing }
}
function listed(name: string, prefix: string, rest: Partial<Shape> = {}): Shape {
  return { prefix, deep: `[${name}]`, isList: false, holes: false, hides: none, each: nothing, ...rest }
}

/** What `read` gives, or undefined where the value is not of that kind. */
function maybe<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

export function describeObject(value: object): Shape {
  if (typeof value === 'function') return whole(describeFunction(value))
  const name = constructorName(value)
  if (isArray(value)) {
    const prefix = name === 'Array' ? '' : `${name ?? '[Array: null prototype]'}(${value.length}) `
    return listed(name ?? 'Array', prefix, { isList: true, holes: true, hides: isIndex })
  }
  return describeCollection(value, name) ?? describeWrapped(value, name) ?? describePlain(value, name)
}

function describeCollection(value: object, name: string | undefined): Shape | undefined {
  const tag = maybe(() => typedArrayTag(value))
  if (tag !== undefined) {
    const length = typedArrayLength(value)
    return listed(name ?? tag, `${name ?? tag}(${length}) `, {
      isList: true,
      hides: isIndex,
      each(add) {
        for (let i = 0; i < length; i++) add((value as { [key: number]: unknown })[i], undefined, false)
      },
    })
  }
  const entries = maybe(() => mapSize(value))
  if (entries !== undefined)
    return listed(name ?? 'Map', `${name ?? 'Map'}(${entries}) `, {
      each: (add) => mapForEach(value as Map<unknown, unknown>, (right, left) => add(left, right, true)),
    })
  const members = maybe(() => setSize(value))
  if (members !== undefined)
    return listed(name ?? 'Set', `${name ?? 'Set'}(${members}) `, {
      each: (add) => setForEach(value as Set<unknown>, (left) => add(left, undefined, false)),
    })
  const bytes = maybe(() => bufferLength(value))
  if (bytes !== undefined) return whole(`ArrayBuffer { byteLength: ${bytes} }`)
  if (maybe(() => (weakMapHas(value as WeakMap<object, unknown>, value), true)))
    return whole(`${name ?? 'WeakMap'} { <items unknown> }`)
  if (maybe(() => (weakSetHas(value as WeakSet<object>, value), true)))
    return whole(`${name ?? 'WeakSet'} { <items unknown> }`)
  return undefined
}

function describeWrapped(value: object, name: string | undefined): Shape | undefined {
  const time = maybe(() => dateTime(value as Date))
  if (time !== undefined) return whole(time === time ? dateIso(value as Date) : 'Invalid Date')
  if (value instanceof RegExp) {
    const text = maybe(() => regexpText(value))
    if (text !== undefined) return whole(cut(text, 1_000))
  }
  if (value instanceof $Error) return describeError(value, name)
  if (value instanceof $Promise) return listed('Promise', `${name ?? 'Promise'} `)
  const number = maybe(() => numberValue(value as unknown as number))
  if (number !== undefined) return whole(`[Number: ${toPrimitive(number)}]`)
  const text = maybe(() => stringValue(value as unknown as string))
  if (text !== undefined) return whole(`[String: ${quote(text)}]`, (key) => isIndex(key) || key === 'length')
  const boolean = maybe(() => booleanValue(value as unknown as boolean))
  if (boolean !== undefined) return whole(`[Boolean: ${boolean}]`)
  const bigint = maybe(() => bigintValue(value as unknown as bigint))
  if (bigint !== undefined) return whole(`[BigInt: ${bigint}n]`)
  const symbol = maybe(() => symbolText(symbolValue(value as unknown as symbol)))
  return symbol === undefined ? undefined : whole(`[Symbol: ${symbol}]`)
}

/** `[Error: boom]`: as an error without its stack, which has no place on one line. */
function describeError(value: Error, name: string | undefined): Shape {
  const read = (key: 'name' | 'message'): string =>
    maybe(() => {
      const given = value[key]
      return typeof given === 'string' ? given : ''
    }) ?? ''
  const title = read('name') || name || 'Error'
  const message = read('message')
  const text = cut(message === '' ? title : `${title}: ${message}`, 8_192)
  return whole(`[${text}]`, (key) => key === 'stack' || key === 'message' || key === 'name')
}

function describePlain(value: object, name: string | undefined): Shape {
  const tagged = maybe(() => (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag])
  const tag = typeof tagged === 'string' && tagged !== '' && tagged !== name ? ` [${cut(tagged, 100)}]` : ''
  if (name === undefined) return listed('Object: null prototype', `[Object: null prototype]${tag} `)
  if (name === 'Object') return listed('Object', tag === '' ? '' : `Object${tag} `)
  return listed(name, `${name}${tag} `)
}

function describeFunction(value: object): string {
  const text = maybe(() => functionText(value as () => void)) ?? ''
  const own = getOwnPropertyDescriptor(value, 'name')?.value as unknown
  const name = typeof own === 'string' ? cut(own, 100) : ''
  if (regexpExec(/^class\b/, text)) {
    const parent = getPrototypeOf(value)
    const parentName =
      typeof parent === 'function' ? (getOwnPropertyDescriptor(parent, 'name')?.value as unknown) : undefined
    const base = typeof parentName === 'string' && parentName !== '' ? ` extends ${cut(parentName, 100)}` : ''
    return `[class ${name === '' ? '(anonymous)' : name}${base}]`
  }
  const kind = regexpExec(/^async\s*(?:function\s*)?\*/, text)
    ? 'AsyncGeneratorFunction'
    : regexpExec(/^(?:function\s*\*|\*)/, text)
      ? 'GeneratorFunction'
      : regexpExec(/^async\b/, text)
        ? 'AsyncFunction'
        : 'Function'
  return name === '' ? `[${kind} (anonymous)]` : `[${kind}: ${name}]`
}

/** The name of the nearest prototype's constructor; undefined without any. */
function constructorName(value: object): string | undefined {
  let at: object | null = value
  for (let i = 0; at !== null && i < 1_000; i++) {
    if (at === objectPrototype) return 'Object'
    const found = getOwnPropertyDescriptor(at, 'constructor')?.value as unknown
    if (typeof found === 'function') {
      const name = getOwnPropertyDescriptor(found, 'name')?.value as unknown
      if (typeof name === 'string' && name !== '') return cut(name, 100)
    }
    at = getPrototypeOf(at)
  }
  return undefined
}
