/** Names of a shown table's columns as people gave them, and as its file has them. Pure. */
import { AppError } from '../error.ts'
import type { TableView } from '../table/port.ts'

interface Column {
  name: string
  type: string
}
export const toColumn = (index: number): string => `c${index}`

/** The view of the file. */
export function toView({ sort, filters }: TableView, columns: readonly Column[]): TableView {
  const places = new Map(columns.map(({ name }, i) => [name, toColumn(i)]))
  const find = (name: string): string => {
    const place = places.get(name)
    if (place !== undefined) return place
    const there = columns
      .slice(0, 20)
      .map((column) => column.name)
      .join(', ')
    throw new AppError('invalid', `The table has no column "${name}". It has: ${there}.`)
  }
  return {
    sort: sort && { ...sort, column: find(sort.column) },
    filters: filters.map((filter) => ({ ...filter, column: find(filter.column) })),
  }
}

/** As they are written: never empty, and in CSV nothing that a spreadsheet takes for a formula. */
export function toNames(columns: readonly Column[], format: 'csv' | 'parquet'): string[] {
  return columns.map(({ name }, i) => {
    if (name === '') return `column${i + 1}`
    return format === 'csv' && /^[=+\-@\t\r]/.test(name) ? `'${name}` : name
  })
}
