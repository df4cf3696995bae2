/**
 * What of a session reaches those who look at it: no code, no stack, no reference to anything else of the workspace.
 * Events are made anew from the fields that are meant, never passed on.
 */
import type { App } from '../api/apps.ts'
import type { Cell } from '../api/notebooks.ts'
import type { Output } from '../api/runs.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import { errorMime, tableMime } from '../notebook/output.ts'
import { toSource } from '../notebook/source.ts'
import type { RunEvent } from '../run/run-events.ts'

/** Markdown as it is; of the Markdown that computes only its outputs. */
export function toAppCells(cells: readonly Cell[]): App['cells'] {
  return cells.flatMap((cell): App['cells'] => {
    if (cell.type === 'raw') return []
    const isText = cell.type === 'markdown' && toSource(cell) === undefined && !cell.source.includes('${')
    return [{ id: cell.id, type: isText ? 'markdown' : 'code', text: isText ? cell.source : '' }]
  })
}

export function toAppOutput({ seq, cell, kind, data, replaces, at }: Output): Output {
  const shown: JsonObject = { ...data }
  const error = data[errorMime]
  if (kind === 'error' || error !== undefined) {
    const { name = 'Error', message = 'It failed.' } = isJsonObject(error) ? error : {}
    for (const mime of Object.keys(shown)) delete shown[mime]
    shown[errorMime] = { name: text(name), message: text(message) }
    shown['text/plain'] = `${text(name)}: ${text(message)}`
  }
  const table = shown[tableMime]
  if (isJsonObject(table)) {
    const { names = [], types = {}, length = 0, rows = [] } = table
    shown[tableMime] = { names, types, length, rows }
  }
  return { seq, cell, kind, data: shown, ...(replaces === undefined ? {} : { replaces }), at }
}
const text = (value: Json): string => (typeof value === 'string' ? value : '')

/** undefined: it is not for them. */
export function toAppEvent(event: RunEvent): RunEvent | undefined {
  const data = event.data as JsonObject
  switch (event.event) {
    case 'output':
      return {
        ...(event.id === undefined ? {} : { id: event.id }),
        event: 'output',
        data: toAppOutput(event.data as Output),
      }
    case 'input':
      return { event: 'input', data: { id: data['id'], value: data['value'] } }
    case 'execution': {
      const { cell, execution, state } = data
      return cell === null ? undefined : { event: 'cell', data: { cell, execution, state } }
    }
    case 'app':
      return { event: 'app', data }
    default:
      return undefined
  }
}
