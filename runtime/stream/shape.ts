/**
 * What the bodies of a stream have in common, as columns of SQL: found while they are written, so that the same JSON is
 * not looked at twice and every file of a stream is read with the same types. What differs within a column is JSON. A
 * shape only widens.
 */
import type { Json } from '../json.ts'
import { isJsonObject } from '../json.ts'
import { toIdentifier } from '../table/source.ts'

export interface Shape {
  kinds: number
  /** Of objects. */
  fields?: Map<string, Shape>
  /** Of arrays. */
  items?: Shape
}
const kind = { whole: 1, number: 2, boolean: 4, text: 8, object: 16, array: 32 } as const
const maxDepth = 6
/** Objects with more names are data by name, and no records. */
const maxFields = 200
const maxItems = 200

export function newShape(): Shape {
  return { kinds: 0 }
}

export function widen(shape: Shape, value: Json, depth = 0): void {
  switch (typeof value) {
    case 'number':
      shape.kinds |= Number.isSafeInteger(value) ? kind.whole : kind.number
      return
    case 'boolean':
      shape.kinds |= kind.boolean
      return
    case 'string':
      shape.kinds |= kind.text
      return
    default:
  }
  if (value === null) return
  if (Array.isArray(value)) {
    shape.kinds |= kind.array
    shape.items ??= newShape()
    if (depth < maxDepth) for (const item of value.slice(0, maxItems)) widen(shape.items, item, depth + 1)
    // what was not looked at may be anything
    if (depth >= maxDepth || value.length > maxItems) shape.items.kinds |= kind.object | kind.array
  } else if (isJsonObject(value)) {
    shape.kinds |= kind.object
    shape.fields ??= new Map()
    if (depth >= maxDepth) return
    for (const [name, field] of Object.entries(value)) {
      let known = shape.fields.get(name)
      if (!known) {
        if (shape.fields.size > maxFields) return
        shape.fields.set(name, (known = newShape()))
      }
      widen(known, field, depth + 1)
    }
  }
}

export function toSqlType(shape: Shape, depth = 0): string {
  switch (shape.kinds) {
    case kind.whole:
      // inside of JSON whole numbers of 64 bits would be texts
      return depth === 0 ? 'BIGINT' : 'DOUBLE'
    case kind.number:
    case kind.whole | kind.number:
      return 'DOUBLE'
    case kind.boolean:
      return 'BOOLEAN'
    case kind.text:
      return 'VARCHAR'
    case kind.array:
      return depth < maxDepth && shape.items ? `${toSqlType(shape.items, depth + 1)}[]` : 'JSON'
    case kind.object: {
      const fields = [...(shape.fields ?? [])]
      const names = new Set(fields.map(([name]) => name.toLowerCase()))
      const isRecord =
        depth < maxDepth && fields.length > 0 && fields.length <= maxFields && names.size === fields.length
      if (!isRecord || names.has('') || fields.some(([name]) => name.length > 200 || name.includes('\0')))
        return 'JSON'
      return `STRUCT(${fields.map(([name, field]) => `${toIdentifier(name)} ${toSqlType(field, depth + 1)}`).join(', ')})`
    }
    default:
      return 'JSON'
  }
}
