/**
 * What the tables of a query are: each name once, by the word before it or by what exists. A variable of the notebook, a
 * stream and an object of exactly that name clash, and the query must say which it means; an object that is named
 * without its ending gives way to all of them. Pure.
 */
import { AppError } from '../error.ts'
import type { Schema, TableName } from '../javascript/table-names.ts'

export interface Known {
  /** Exact names. */
  objects: ReadonlySet<string>
  streams: ReadonlySet<string>
  /** Those that are tables. */
  variables: ReadonlySet<string>
  /** Those that are none, and what they are. */
  others: ReadonlyMap<string, string>
}
export interface Meaning {
  schema: Schema
  name: string
  /** Named without its schema. */
  plain: boolean
}

const kinds: { [S in Schema]: string } = {
  variables: 'a variable of the notebook',
  streams: 'a stream',
  objects: 'an object',
}

export function resolveTables(tables: readonly TableName[], known: Known): Meaning[] {
  const meanings = new Map<string, Meaning>()
  const add = (schema: Schema, name: string, plain: boolean): void => {
    const key = `${schema}.${name}`
    meanings.set(key, { schema, name, plain: plain || (meanings.get(key)?.plain ?? false) })
  }
  for (const { schema, name } of tables) {
    if (schema === null) {
      const found = (['variables', 'streams', 'objects'] as const).filter((kind) => known[kind].has(name))
      if (found.length > 1) throw toClash(name, found)
      if (found[0]) add(found[0], name, true)
    } else if (isSchema(schema)) {
      const is = schema === 'variables' ? known.others.get(name) : undefined
      if (is !== undefined) throw toNoTable(name, is)
      if (known[schema].has(name)) add(schema, name, false)
    }
  }
  checkCase(meanings.values())
  return [...meanings.values()]
}

export function isSchema(text: string): text is Schema {
  return Object.hasOwn(kinds, text)
}

function toClash(name: string, found: Schema[]): AppError {
  const what = found.map((schema) => kinds[schema])
  const ways = found.map((schema) => `${schema}.${quote(name)}`)
  return new AppError(
    'conflict',
    `"${name}" is ${what.join(' and ')}. Say which one is meant: ${ways.join(' or ')}.`,
    { name },
  )
}
export function toNoTable(name: string, is: string): AppError {
  return new AppError(
    'invalid',
    `"${name}" is a variable of the notebook, but no table: it is ${is}. SQL reads tables, data frames, arrays of rows and objects of columns.`,
    { name },
  )
}
/** DuckDB does not tell them apart, and would take one for the other. */
function checkCase(meanings: Iterable<Meaning>): void {
  const seen = new Map<string, string>()
  for (const { schema, name, plain } of meanings)
    for (const place of plain ? ['', schema] : [schema]) {
      const key = `${place}.${name.toLowerCase()}`
      const other = seen.get(key)
      if (other !== undefined && other !== name)
        throw new AppError(
          'conflict',
          `"${other}" and "${name}" differ in case alone, which SQL does not tell apart. Rename one of them.`,
        )
      seen.set(key, name)
    }
}
function quote(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`
}

/** `names` with those that are most like `name` first, when any is like it. */
export function findLike(name: string, names: readonly string[]): string[] {
  const wanted = name.toLowerCase()
  const most = Math.max(2, Math.floor(wanted.length / 3))
  return names
    .map((candidate) => {
      const text = candidate.toLowerCase()
      const stem = text.replace(/\.[a-z]+$/, '')
      const apart = Math.min(distance(wanted, text, most), distance(wanted, stem, most))
      return {
        candidate,
        apart: text.includes(wanted) || wanted.includes(stem) ? Math.min(apart, most) : apart,
      }
    })
    .filter(({ apart }) => apart <= most)
    .toSorted((a, b) => a.apart - b.apart)
    .map(({ candidate }) => candidate)
}

/** Levenshtein's; `most` + 1 for all that is further apart. */
function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1))
    row = next
  }
  return Math.min(row[b.length]!, most + 1)
}
