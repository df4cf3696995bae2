/**
 * Any value of a notebook as bounded JSON: typed arrays become arrays, NaN null, dates ISO text, bigints numbers where
 * they fit; functions, symbols and what is undefined are left out. A cycle, too deep or too much is an error.
 */
import { AppError } from '../../error.ts'
import type { Json, JsonObject } from '../../json.ts'

const maxDepth = 64
const maxValues = 2_000_000

export function toJson(value: unknown): Json {
  let left = maxValues
  const seen = new Set<object>()
  const visit = (given: unknown, depth: number): Json | undefined => {
    if (--left < 0) throw new AppError('too-large', `The value has more than ${maxValues} parts.`)
    if (given === null || typeof given === 'string' || typeof given === 'boolean') return given
    if (typeof given === 'number') return Number.isFinite(given) ? given : null
    if (typeof given === 'bigint') return Number.isSafeInteger(Number(given)) ? Number(given) : String(given)
    if (typeof given !== 'object') return undefined
    if (given instanceof Date) return Number.isNaN(given.getTime()) ? null : given.toISOString()
    if (depth >= maxDepth)
      throw new AppError('too-large', `The value is nested deeper than ${maxDepth} levels.`)
    if (seen.has(given)) throw new AppError('invalid', 'The value contains itself, so it cannot be JSON.')
    seen.add(given)
    const json = container(given, (part) => visit(part, depth + 1))
    seen.delete(given)
    return json
  }
  return visit(value, 0) ?? null
}

function container(given: object, visit: (part: unknown) => Json | undefined): Json | undefined {
  if (Array.isArray(given)) return Array.from(given, (part) => visit(part) ?? null)
  if (ArrayBuffer.isView(given))
    return given instanceof DataView
      ? undefined
      : Array.from(given as unknown as ArrayLike<unknown>, (part) => visit(part) ?? null)
  if (given instanceof Map) return container(Object.fromEntries(given), visit)
  if (given instanceof Set) return container([...given], visit)
  const own = given as { toJSON?: unknown }
  if (typeof own.toJSON === 'function') return visit(own.toJSON.call(given))
  const json: JsonObject = {}
  for (const key of Object.keys(given)) {
    const part = visit((given as { [key: string]: unknown })[key])
    if (part === undefined) continue
    if (key === '__proto__')
      Object.defineProperty(json, key, { value: part, enumerable: true, writable: true, configurable: true })
    else json[key] = part
  }
  return json
}
