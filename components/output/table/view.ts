/** What of a table is shown: its order and its filters, by column; and the same for rows that are here. Pure. */
import type { ColumnFilter } from '../../../runtime/api/tables.ts'
import type { Json } from '../../../runtime/json.ts'
import { isNumeric } from '../../ui/format.ts'

export interface Column {
  name: string
  type: string
}
export interface Sort {
  column: string
  down: boolean
}
export interface View {
  sort: Sort | null
  /** By the name of the column; no entry where nothing is asked. */
  filters: { [column: string]: Asked }
}
/** As the fields of a column's panel have it. */
export interface Asked {
  contains?: string
  from?: string
  to?: string
  is?: 'missing' | 'present' | 'true' | 'false'
}
export const wholeView: View = { sort: null, filters: {} }
export const isRanged = (type: string): boolean => isNumeric(type) || type === 'time'

export function toFilters({ filters }: View): ColumnFilter[] {
  return Object.entries(filters).flatMap(([column, asked]) => {
    const list: ColumnFilter[] = []
    if (asked.contains?.trim()) list.push({ column, is: 'contains', value: asked.contains.trim() })
    if (asked.from?.trim()) list.push({ column, is: 'ge', value: asked.from.trim() })
    if (asked.to?.trim()) list.push({ column, is: 'le', value: asked.to.trim() })
    if (asked.is === 'missing' || asked.is === 'present') list.push({ column, is: asked.is })
    if (asked.is === 'true' || asked.is === 'false') list.push({ column, is: 'eq', value: asked.is })
    return list
  })
}
/** The query of REST for it. */
export function toQuery(view: View): { sort?: string; order?: 'asc' | 'desc'; filter?: string } {
  const filters = toFilters(view)
  return {
    ...(view.sort ? { sort: view.sort.column, order: view.sort.down ? 'desc' : 'asc' } : {}),
    ...(filters.length ? { filter: JSON.stringify(filters) } : {}),
  }
}
/** Up, down, as it was. */
export function turnSort(view: View, column: string): View {
  const { sort } = view
  const next = sort?.column !== column ? { column, down: false } : sort.down ? null : { column, down: true }
  return { ...view, sort: next }
}
export function ask(view: View, column: string, asked: Asked): View {
  const { [column]: _, ...others } = view.filters
  const some = Object.values(asked).some((value) => value !== undefined && value !== '')
  return { ...view, filters: some ? { ...others, [column]: asked } : others }
}

export function applyView(rows: Json[][], columns: readonly Column[], view: View): Json[][] {
  const places = new Map(columns.map(({ name, type }, index) => [name, { index, type }]))
  const kept = rows.filter((row) =>
    toFilters(view).every((filter) => {
      const place = places.get(filter.column)
      return !place || holds(row[place.index] ?? null, filter, place.type)
    }),
  )
  const place = view.sort && places.get(view.sort.column)
  if (!place) return kept
  const sign = view.sort!.down ? -1 : 1
  return kept.toSorted((a, b) => compare(a[place.index] ?? null, b[place.index] ?? null, sign))
}
function holds(value: Json, { is, value: wanted }: ColumnFilter, type: string): boolean {
  if (is === 'missing') return value === null
  if (value === null) return false
  if (is === 'present') return true
  if (is === 'contains') return toText(value).toLowerCase().includes(String(wanted).toLowerCase())
  if (type === 'boolean') return value === (wanted === 'true')
  const limit = toNumber(String(wanted), type)
  const number = Number(value)
  return is === 'ge' ? number >= limit : is === 'le' ? number <= limit : number === limit
}
function toNumber(text: string, type: string): number {
  const number = Number(text)
  if (!Number.isNaN(number) || type !== 'time') return number
  return Date.parse(
    /[zZ]$|[+-]\d\d:?\d\d$/.test(text) || !text.includes(':') ? text : `${text.replace(' ', 'T')}Z`,
  )
}
const toText = (value: Json): string => (typeof value === 'object' ? JSON.stringify(value) : String(value))
/** What is missing comes last, both ways. */
function compare(a: Json, b: Json, sign: number): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  if (typeof a === 'number' && typeof b === 'number') return sign * (a - b)
  const [left, right] = [toText(a), toText(b)]
  return left === right ? 0 : sign * (left < right ? -1 : 1)
}
