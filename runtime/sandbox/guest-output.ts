/** What a child claims is an output or an error, made into one: fields by name, sizes checked, nothing spread. */
import type { Json } from '../json.ts'
import { isJsonObject } from '../json.ts'
import { FrameError } from './frame.ts'
import type { GuestError, GuestOutput, HandlerResult, Limits, OutputKind, Variable } from './port.ts'

const kinds: readonly string[] = ['stdout', 'stderr', 'display', 'result', 'progress']
const mime = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,60}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,100}$/
const maxText = 16_384

/** Throws FrameError. */
export function toOutput(text: string, cell: string | null, limits: Limits): GuestOutput {
  // A UTF-16 unit that is escaped in JSON takes six bytes.
  if (text.length > limits.richBytes * 6) throw new FrameError('an output over its limit')
  const given = parse(text)
  if (!isJsonObject(given)) throw new FrameError('an output that is no object')
  const { kind, data, id, append } = given
  if (typeof kind !== 'string' || !kinds.includes(kind)) throw new FrameError('an output of no known kind')
  if (!isJsonObject(data)) throw new FrameError('an output without data')
  const entries = Object.entries(data)
  if (entries.length > 16 || entries.some(([type]) => !mime.test(type)))
    throw new FrameError('an output of no known media type')
  const output: GuestOutput = { cell, kind: kind as OutputKind, data: Object.fromEntries(entries) }
  if (typeof id === 'string') output.id = id.slice(0, 200)
  if (append === true) output.append = true
  return output
}

export interface Detail {
  value?: string
  error?: GuestError
  results: HandlerResult[]
  variables?: Variable[]
}

/** Throws FrameError. */
export function toDetail(text: string): Detail {
  const given = parse(text)
  if (!isJsonObject(given)) throw new FrameError('an ending that is no object')
  const detail: Detail = { results: [] }
  if (typeof given['value'] === 'string') detail.value = given['value'].slice(0, 70_000)
  const error = toError(given['error'])
  if (error) detail.error = error
  if (Array.isArray(given['results'])) detail.results = given['results'].map(toResult)
  if (Array.isArray(given['variables'])) detail.variables = given['variables'].slice(0, 5_000).map(toVariable)
  return detail
}

function toVariable(given: Json): Variable {
  if (!isJsonObject(given)) throw new FrameError('a variable that is no object')
  const { name, type, shape, bytes, preview, cell } = given
  const text = (value: Json | undefined): string => (typeof value === 'string' ? value.slice(0, 500) : '')
  return {
    name: text(name),
    type: text(type),
    shape: typeof shape === 'string' ? shape.slice(0, 100) : null,
    bytes: typeof bytes === 'number' && bytes >= 0 ? bytes : null,
    preview: text(preview),
    cell: text(cell),
  }
}

function toResult(given: Json): HandlerResult {
  if (!isJsonObject(given)) throw new FrameError('a result that is no object')
  const result: HandlerResult = { status: given['status'] === 'ok' ? 'ok' : 'error' }
  if (given['row'] !== undefined) result.row = given['row']
  if (given['state'] !== undefined) result.state = given['state']
  const error = toError(given['error'])
  if (error) result.error = error
  return result
}

function toError(given: Json | undefined): GuestError | undefined {
  if (given === undefined || !isJsonObject(given)) return undefined
  const text = (field: string): string | undefined => {
    const value = given[field]
    return typeof value === 'string' ? value.slice(0, maxText) : undefined
  }
  const position = (field: string): number | undefined => {
    const value = given[field]
    return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined
  }
  const error: GuestError = { name: text('name') ?? 'Error', message: text('message') ?? '' }
  const [cell, line, column, stack] = [text('cell'), position('line'), position('column'), text('stack')]
  if (cell !== undefined && line !== undefined && column !== undefined)
    Object.assign(error, { cell, line, column })
  if (stack !== undefined) error.stack = stack
  const thrown = text('thrown')
  if (thrown !== undefined) error.thrown = thrown
  return error
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    throw new FrameError('a text that is not JSON')
  }
}
