/**
 * The notebook as one TypeScript program: every cell's text, one after the other, with a map between places in the
 * program and in cells. TypeScript cells stand as they are; a SQL cell stands as its result variable, with what is in
 * `${...}` of its text. A cell that does not parse stands after all others, so that a bracket or a text that is still
 * open swallows none of them while it is typed. What is inserted belongs to no cell.
 */
import { findQueries, toResultName } from '../../../runtime/notebook/query.ts'
import type { ProgramCell } from './protocol.ts'

/** A stretch of a cell that stands in the piece as it is. */
interface Stretch {
  cell: number
  piece: number
  length: number
}
export interface Piece {
  text: string
  stretches: Stretch[]
  broken: boolean
}
export interface VirtualProgram {
  text: string
  /** Where a place of a cell stands; undefined when it has none. */
  toProgram(cell: string, offset: number): number | undefined
  /** The place in a cell of a span; undefined when it is not wholly of one. */
  toCell(start: number, length: number): { cell: string; start: number; length: number } | undefined
  range(cell: string): { pos: number; end: number } | undefined
}

const between = '\n;\n'

export function toPiece(cell: ProgramCell, isBroken: (text: string) => boolean): Piece {
  if (cell.type === 'sql') return toSqlPiece(cell.source)
  let text = ''
  let at = 0
  const stretches: Stretch[] = []
  const take = (end: number): void => {
    if (end > at) stretches.push({ cell: at, piece: text.length, length: end - at })
    text += cell.source.slice(at, end)
    at = end
  }
  for (const { tagEnd, key } of findQueries(cell)) {
    take(tagEnd)
    text += `<import('suricate').QueryResult<${JSON.stringify(key)}>>`
  }
  take(cell.source.length)
  // An empty cell and the place behind the last character have a place too.
  if (stretches.length === 0) stretches.push({ cell: 0, piece: 0, length: 0 })
  return { text, stretches, broken: isBroken(cell.source) }
}

function toSqlPiece(source: string): Piece {
  const [query] = findQueries({ type: 'sql', source })
  if (!query) return { text: '', stretches: [], broken: false }
  const { name, at } = toResultName(source)
  let text = 'const '
  const stretches: Stretch[] = []
  if (at !== undefined) stretches.push({ cell: at, piece: text.length, length: name.length })
  text += `${name} = await sql<import('suricate').QueryResult<${JSON.stringify(query.key)}>>\``
  for (const { start, end } of query.values) {
    text += '${'
    stretches.push({ cell: start, piece: text.length, length: end - start })
    text += `${source.slice(start, end)}}`
  }
  return { text: `${text}\``, stretches, broken: false }
}

export function toVirtual(cells: readonly { id: string; piece: Piece }[]): VirtualProgram {
  const placed: { id: string; piece: Piece; start: number }[] = []
  const places = new Map<string, { piece: Piece; start: number }>()
  const parts: string[] = []
  let length = 0
  const sorted = [...cells.filter(({ piece }) => !piece.broken), ...cells.filter(({ piece }) => piece.broken)]
  for (const { id, piece } of sorted) {
    placed.push({ id, piece, start: length })
    places.set(id, { piece, start: length })
    parts.push(piece.text, between)
    length += piece.text.length + between.length
  }
  return {
    text: `${parts.join('')}export {}\n`,
    toProgram(cell, offset) {
      const place = places.get(cell)
      const stretch = place?.piece.stretches.find((s) => offset >= s.cell && offset <= s.cell + s.length)
      return place && stretch ? place.start + stretch.piece + offset - stretch.cell : undefined
    },
    toCell(start, span) {
      let low = 0
      let high = placed.length - 1
      while (low < high) {
        const middle = (low + high + 1) >> 1
        if (placed[middle]!.start <= start) low = middle
        else high = middle - 1
      }
      const place = placed[low]
      if (!place) return undefined
      const inside = start - place.start
      const stretch = place.piece.stretches.findLast(
        (s) => inside >= s.piece && inside + span <= s.piece + s.length,
      )
      if (!stretch) return undefined
      return { cell: place.id, start: stretch.cell + inside - stretch.piece, length: span }
    },
    range(cell) {
      const place = places.get(cell)
      return place && { pos: place.start, end: place.start + place.piece.text.length }
    },
  }
}
