/* oxlint-disable typescript/unbound-method -- methods are captured unbound on purpose, for uncurry() */
/**
 * What the bootstrap uses after user code may have changed it, captured before any user code. `uncurry` turns a method
 * into a function of its receiver, so that nothing is looked up on a prototype later. Lists are null-prototype
 * objects with integer keys and loops count, for the iterators and index setters of arrays belong to the user.
 */
export const { apply, construct, ownKeys, getOwnPropertyDescriptor, getPrototypeOf } = Reflect
export const { create, defineProperty, freeze, prototype: objectPrototype } = Object
export const { isArray } = Array
export const { parse, stringify } = JSON
export const { isView } = ArrayBuffer
export const { now: wallNow } = Date
export const { is: sameValue } = Object
export const { min, max, floor, random, trunc } = Math
export const { isInteger, isFinite: isFiniteNumber } = Number
export const $Array = Array
export const $ArrayBuffer = ArrayBuffer
export const $Date = Date
export const $Error = Error
export const $Promise = Promise
export const $String = String
export const $TypeError = TypeError
export const $Uint8Array = Uint8Array
export const $WeakSet = WeakSet

type Method = (this: never, ...given: never[]) => unknown
export function uncurry<This, Given extends unknown[], Result>(
  method: (this: This, ...given: Given) => Result,
): (self: This, ...given: Given) => Result {
  const called = method as unknown as Method
  return (self, ...given) => apply(called, self, given) as Result
}
function getter<Result>(of: object, name: PropertyKey): (self: unknown) => Result {
  const found = getOwnPropertyDescriptor(of, name)?.get as () => Result
  return (self) => apply(found, self, []) as Result
}

export const slice = uncurry(String.prototype.slice)
export const indexOf = uncurry(String.prototype.indexOf)
export const charCodeAt = uncurry(String.prototype.charCodeAt)
export const regexpExec = uncurry(RegExp.prototype.exec)
export const bind = uncurry(Function.prototype.bind)
export const functionText = uncurry(Function.prototype.toString)
export const hasOwn = uncurry(Object.prototype.hasOwnProperty)
export const isEnumerable = uncurry(Object.prototype.propertyIsEnumerable)
export const dateTime = uncurry(Date.prototype.getTime)
export const dateText = uncurry(Date.prototype.toString)
export const dateIso = uncurry(Date.prototype.toISOString)
export const regexpText = uncurry(RegExp.prototype.toString)
export const mapForEach = uncurry(Map.prototype.forEach)
export const setForEach = uncurry(Set.prototype.forEach)
export const weakMapHas = uncurry(WeakMap.prototype.has)
export const weakSetHas = uncurry(WeakSet.prototype.has)
export const weakSetAdd = uncurry(WeakSet.prototype.add)
export const numberValue = uncurry(Number.prototype.valueOf)
export const stringValue = uncurry(String.prototype.valueOf)
export const booleanValue = uncurry(Boolean.prototype.valueOf)
export const bigintValue = uncurry(BigInt.prototype.valueOf)
export const symbolText = uncurry(Symbol.prototype.toString)
export const symbolValue = uncurry(Symbol.prototype.valueOf)
export const regexpSource = getter<string>(RegExp.prototype, 'source')
export const mapSize = getter<number>(Map.prototype, 'size')
export const setSize = getter<number>(Set.prototype, 'size')
export const bufferLength = getter<number>(ArrayBuffer.prototype, 'byteLength')
const typedArrayPrototype = getPrototypeOf(Uint8Array.prototype) as object
export const typedArrayTag = getter<string | undefined>(typedArrayPrototype, Symbol.toStringTag)
export const typedArrayLength = getter<number>(typedArrayPrototype, 'length')
export const typedArrayBuffer = getter<ArrayBuffer>(typedArrayPrototype, 'buffer')
export const typedArrayOffset = getter<number>(typedArrayPrototype, 'byteOffset')
export const typedArrayBytes = getter<number>(typedArrayPrototype, 'byteLength')

type Entry = { left: unknown; right: unknown }
const startMap = uncurry(Map.prototype.entries)
const startSet = uncurry(Set.prototype.values)
const nextOfMap = uncurry((getPrototypeOf(new Map().entries()) as MapIterator<[unknown, unknown]>).next)
const nextOfSet = uncurry((getPrototypeOf(new Set().values()) as SetIterator<unknown>).next)
/** Steps through a map; undefined at its end. */
export function mapEntries(map: Map<unknown, unknown>): () => Entry | undefined {
  const entries = startMap(map)
  return () => {
    const { done, value } = nextOfMap(entries)
    return done ? undefined : { left: value[0], right: value[1] }
  }
}
export function setValues(set: Set<unknown>): () => Entry | undefined {
  const values = startSet(set)
  return () => {
    const { done, value } = nextOfSet(values)
    return done ? undefined : { left: value, right: undefined }
  }
}

const promiseThen = uncurry(Promise.prototype.then)
/** Safe on promises that user code could not touch: harden() pins `constructor` and species. */
export function whenSettled(
  promise: Promise<unknown>,
  fulfilled: (value: unknown) => void,
  rejected: (error: unknown) => void,
): void {
  void promiseThen(promise, fulfilled, rejected)
}
const resolvePromise = bind(Promise.resolve, Promise) as unknown as (value: unknown) => Promise<unknown>
export { resolvePromise }

/** A dictionary without a prototype: no setter of the user's is met by an assignment. */
export function dictionary<T>(): { [key: string]: T } {
  return create(null) as { [key: string]: T }
}

/** At most `length` characters, with a mark where it was cut. */
export function cut(text: string, length: number): string {
  return text.length > length ? `${slice(text, 0, length)}…` : text
}
