/**
 * The schema that a stream's messages have had so far, and how it drifts: a field that appears, vanishes or gets
 * another type is an event. Pure and bounded: 200 fields, depth 6, the last 100 events. What the first 100 messages
 * show is the schema; only what differs later is drift.
 */
import { isJsonObject, type Json } from '../../json.ts'

export const types = ['null', 'boolean', 'integer', 'number', 'string', 'array', 'object'] as const
export type Type = (typeof types)[number]
export interface Field {
  /** How often it had each type. */
  types: { [type: string]: number }
  /** Of numbers their range, of texts and arrays that of their lengths. */
  min?: number
  max?: number
  minLength?: number
  maxLength?: number
  /** In which message it was last seen, counted from the first that was observed. */
  last: number
  /** Arrival of the first and the last message that had it, ms UTC. */
  firstAt?: number
  lastAt?: number
  vanished?: boolean
}
export interface Drift {
  kind: 'appeared' | 'vanished' | 'returned' | 'type'
  path: string
  seq: number
  /** Arrival, ms UTC. */
  at: number
  detail: string
}
export interface Schema {
  observed: number
  /** By path: `$` the body, `a.b`, and `a[]` for the items of an array. */
  fields: { [path: string]: Field }
  /** There were more fields than are kept. */
  truncated: boolean
  drift: Drift[]
}

const maxFields = 200
const maxDepth = 6
const maxItems = 50
const maxDrift = 100
const settled = 100
const gone = 1000
const steady = 0.95

export function newSchema(): Schema {
  return { observed: 0, fields: {}, truncated: false, drift: [] }
}

/** Changes the schema; what drifted with this message. */
export function observe(schema: Schema, body: Json, seq: number, at: number): Drift[] {
  const found: Drift[] = []
  const isSettled = schema.observed >= settled
  schema.observed++
  const tell = (kind: Drift['kind'], path: string, detail: string): void => {
    if (isSettled) found.push({ kind, path, seq, at, detail })
  }
  function look(value: Json, path: string, depth: number): void {
    const type = toType(value)
    let field = Object.hasOwn(schema.fields, path) ? schema.fields[path] : undefined
    if (!field) {
      if (Object.keys(schema.fields).length >= maxFields) {
        schema.truncated = true
        return
      }
      field = { types: {}, last: schema.observed, firstAt: at }
      Object.defineProperty(schema.fields, path, {
        value: field,
        enumerable: true,
        writable: true,
        configurable: true,
      })
      tell('appeared', path, `The field "${path}" appeared, of type ${type}.`)
    } else if (!field.types[type] && !isSameNumber(field, type)) {
      tell(
        'type',
        path,
        `The field "${path}" was ${Object.keys(field.types).join(' or ')}, now also ${type}.`,
      )
    }
    if (field.vanished) {
      delete field.vanished
      tell('returned', path, `The field "${path}" is there again.`)
    }
    field.types[type] = (field.types[type] ?? 0) + 1
    field.last = schema.observed
    field.lastAt = at
    note(field, value)
    if (depth >= maxDepth) return
    if (Array.isArray(value)) for (const item of value.slice(0, maxItems)) look(item, `${path}[]`, depth + 1)
    else if (isJsonObject(value))
      for (const [name, item] of Object.entries(value).slice(0, maxFields))
        look(item, path === '$' ? name : `${path}.${name}`, depth + 1)
  }
  look(body, '$', 0)
  if (schema.observed % settled === 0) found.push(...findVanished(schema, seq, at))
  schema.drift = [...schema.drift, ...found].slice(-maxDrift)
  return found
}

/** A field that nearly all had, and none of the last thousand. */
function findVanished(schema: Schema, seq: number, at: number): Drift[] {
  return Object.entries(schema.fields).flatMap(([path, field]): Drift[] => {
    if (path.endsWith('[]') || field.vanished || schema.observed - field.last < gone) return []
    const seen = sum(field.types)
    if (seen < settled || seen / field.last < steady) return []
    field.vanished = true
    const detail = `The field "${path}" is missing since ${gone} messages.`
    return [{ kind: 'vanished', path, seq, at, detail }]
  })
}
function note(field: Field, value: Json): void {
  if (typeof value === 'number') {
    field.min = Math.min(field.min ?? value, value)
    field.max = Math.max(field.max ?? value, value)
  } else if (typeof value === 'string' || Array.isArray(value)) {
    field.minLength = Math.min(field.minLength ?? value.length, value.length)
    field.maxLength = Math.max(field.maxLength ?? value.length, value.length)
  }
}
/** A whole number among others is no other type. */
function isSameNumber(field: Field, type: Type): boolean {
  return (type === 'integer' || type === 'number') && (field.types.integer ?? field.types.number ?? 0) > 0
}
function toType(value: Json): Type {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value as 'boolean' | 'string' | 'object'
}
const sum = (counts: { [type: string]: number }): number =>
  Object.values(counts).reduce((total, count) => total + count, 0)

/** Of those that had what is around it, how many had it; null for the body and for items of arrays. */
export function toShare(schema: Schema, path: string): number | null {
  const field = schema.fields[path]
  if (!field || path === '$' || path.endsWith('[]')) return null
  const parent = Object.keys(schema.fields)
    .filter((one) => path.startsWith(`${one}.`))
    .toSorted((a, b) => b.length - a.length)[0]
  const around = schema.fields[parent ?? '$']?.types.object ?? 0
  return around === 0 ? null : sum(field.types) / around
}

/** Whether some that had what is around it did not have it. */
export function isOptional(schema: Schema, path: string): boolean {
  return (toShare(schema, path) ?? 1) < 1
}
