/**
 * The TypeScript type that JSON values have in common: fields that some lack are optional, kinds that differ a union.
 * Of bounded depth and width, so that hostile data makes no huge declaration.
 */
import type { Json } from '../json.ts'
import { isJsonObject } from '../json.ts'

const maxDepth = 6
const maxFields = 100
const maxItems = 100

export function toType(values: readonly Json[], depth = 0): string {
  const kinds = new Set<string>()
  const objects = values.filter(isJsonObject)
  const arrays = values.filter((value) => Array.isArray(value))
  for (const value of values) if (value === null || typeof value !== 'object') kinds.add(toKind(value))
  if (depth >= maxDepth && objects.length + arrays.length > 0) return 'Json'
  if (arrays.length > 0) {
    const items = arrays.flatMap((array) => array.slice(0, maxItems)).slice(0, maxItems)
    kinds.add(items.length === 0 ? 'Json[]' : `(${toType(items, depth + 1)})[]`)
  }
  if (objects.length > 0) kinds.add(toObjectType(objects, depth))
  return kinds.size === 0 ? 'Json' : [...kinds].join(' | ')
}

function toKind(value: Json): string {
  return value === null ? 'null' : typeof value
}
function toObjectType(objects: readonly { [key: string]: Json }[], depth: number): string {
  const names = new Set<string>()
  for (const object of objects) for (const name of Object.keys(object)) names.add(name)
  // So many names are data, not fields.
  if (names.size > maxFields) return 'JsonObject'
  const fields = [...names].map((name) => {
    const having = objects.filter((object) => Object.hasOwn(object, name))
    const type = toType(
      having.map((object) => object[name]!),
      depth + 1,
    )
    return `${toKey(name)}${having.length < objects.length ? '?' : ''}: ${type}`
  })
  return fields.length === 0 ? 'JsonObject' : `{ ${fields.join('; ')} }`
}

/** A name as a key of a type. Line separators would end a line in TypeScript, and are escaped as in JSON. */
export function toKey(name: string): string {
  return JSON.stringify(name).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
}
