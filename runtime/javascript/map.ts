/**
 * From the compiled text back to the user's. Two steps moved the text: Sucrase (source to JavaScript) and the rewrite
 * (JavaScript to the script that runs); their maps are composed into one, in decoded form, which locate() searches.
 */
import remapping from '@jridgewell/remapping'
import type { JavaScript } from './typescript.ts'
import type { Position } from './position.ts'

/** A line of the compiled text: [column, source line, source column], all from 0, ascending by column. */
export type Mappings = [number, number, number][][]

export interface DecodedMap {
  mappings: number[][][]
}

export function toMappings(rewrite: DecodedMap, javascript: JavaScript['map']): Mappings {
  const outer = { version: 3 as const, names: [], sources: ['cell.js'], mappings: rewrite.mappings }
  const composed = remapping(
    outer as unknown as Parameters<typeof remapping>[0],
    (file) => (file === 'cell.js' ? (javascript as never) : null),
    { decodedMappings: true, excludeContent: true },
  )
  return toLines(composed.mappings)
}

/** The map of the first step alone. */
export function decodeMap(javascript: JavaScript['map']): Mappings {
  const given = javascript as unknown as Parameters<typeof remapping>[0]
  return toLines(remapping(given, () => null, { decodedMappings: true, excludeContent: true }).mappings)
}

function toLines(mappings: ReturnType<typeof remapping>['mappings']): Mappings {
  if (typeof mappings === 'string') throw new Error('the composed map is not decoded')
  return mappings.map((line) =>
    line.flatMap((segment) =>
      segment.length === 1 ? [] : [[segment[0], segment[2], segment[3]] as [number, number, number]],
    ),
  )
}

/** The user's position of a position (from 1) in the compiled text; null where nothing of the user's text is. */
export function locate(mappings: Mappings, at: Position): Position | null {
  const line = mappings[at.line - 1]
  if (!line || line.length === 0) return null
  let low = 0
  let high = line.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (line[middle]![0] <= at.column - 1) low = middle
    else high = middle - 1
  }
  const segment = line[low]!
  return { line: segment[1] + 1, column: segment[2] + 1 }
}
