/**
 * What can stand at a place of a SQL text: tables after FROM and JOIN, the columns of a table or its alias after a dot,
 * else the columns of the tables that the text names, tables, functions and keywords. By the words around the place,
 * since a text that is being written does not parse.
 */
import type { KnownTable } from './language/protocol.ts'

export interface SqlSuggestion {
  label: string
  insert: string
  kind: 'column' | 'table' | 'keyword' | 'function'
  detail: string
}
const phrases =
  'select,from,where,group by,order by,having,limit,offset,join,left join,right join,full join,inner join,cross join,asof join,on,using,as,and,or,not,in,is null,is not null,between,like,ilike,case,when,then,else,end,distinct,with,union,union all,except,intersect,qualify,over,partition by,window,asc,desc,nulls first,nulls last,exists,true,false,cast,interval,pivot,unpivot'.split(
    ',',
  )
const functions =
  'count sum avg min max median quantile_cont stddev variance first last any_value list string_agg arg_min arg_max approx_count_distinct row_number rank dense_rank lag lead date_trunc date_part date_diff epoch_ms strftime time_bucket now coalesce nullif greatest least round abs floor ceil ln exp sqrt power length lower upper trim replace substring regexp_matches split_part concat histogram corr mode'.split(
    ' ',
  )
const named = String.raw`"((?:[^"]|"")+)"|([A-Za-z_]\w*)`
const notAlias = new Set(
  'where group order having limit offset join left right full inner cross on using as union except intersect qualify window asof natural'.split(
    ' ',
  ),
)

export function suggestSql(text: string, offset: number, tables: readonly KnownTable[]): SqlSuggestion[] {
  const before = text.slice(0, offset).replaceAll(/--[^\n]*/g, '')
  const sources = findSources(text, tables)
  const dotted = new RegExp(String.raw`(?:${named})\.(?:"[^"]*|\w*)$`).exec(before)
  if (dotted) {
    const name = (dotted[1] ?? dotted[2])!.toLowerCase()
    const source = sources.find(({ alias }) => alias.toLowerCase() === name)
    return (source?.table.columns ?? []).map((column) => toColumn(column))
  }
  const all = tables.map((table): SqlSuggestion => ({
    label: table.name,
    insert: quote(table.name),
    kind: 'table',
    detail: table.kind,
  }))
  if (/\b(?:from|join)\s+(?:"[^"]*|\w*)$/i.test(before)) return all
  const columns = new Map(
    sources.flatMap(({ table }) => table.columns.map((one) => [one.name, toColumn(one)] as const)),
  )
  return [
    ...columns.values(),
    ...functions.map((name) => ({
      label: name,
      insert: name,
      kind: 'function' as const,
      detail: 'function',
    })),
    ...phrases.map((name) => ({ label: name, insert: name, kind: 'keyword' as const, detail: '' })),
    ...all,
  ]
}

/** The tables that the text names after FROM and JOIN, by the name they have in it. */
function findSources(text: string, tables: readonly KnownTable[]): { alias: string; table: KnownTable }[] {
  const pattern = new RegExp(String.raw`\b(?:from|join)\s+(?:${named})(?:\s+(?:as\s+)?([A-Za-z_]\w*))?`, 'gi')
  return [...text.matchAll(pattern)].flatMap(([, quoted, bare, after]) => {
    const name = (quoted?.replaceAll('""', '"') ?? bare)!
    const table = tables.find((one) => one.name.toLowerCase() === name.toLowerCase())
    const alias = after !== undefined && !notAlias.has(after.toLowerCase()) ? after : name
    return table ? [{ alias, table }] : []
  })
}
function toColumn({ name, type }: { name: string; type: string }): SqlSuggestion {
  return { label: name, insert: quote(name), kind: 'column', detail: type }
}
function quote(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !phrases.includes(name) ? name : `"${name.replaceAll('"', '""')}"`
}
