/**
 * Outputs of nbformat 4 from and to those of cells here. In: streams, results, displays and errors, with every MIME
 * type; a page draws those it knows and shows `text/plain` of the rest, and no script of them executes. Out: the
 * outputs as they stand after replacing; tables also as HTML and text, progress and inputs as text.
 */
import type { Output } from '../../api/runs.ts'
import type { Json, JsonObject } from '../../json.ts'
import { isJsonObject } from '../../json.ts'
import { errorMime, progressMime, tableMime } from '../output.ts'
import { tableToHtml, tableToText } from '../table-text.ts'
import { getLines, getList, getObject, getString, wrong } from './check.ts'

export type NewOutput = Pick<Output, 'kind' | 'data'>
const jsonMime = /^application\/(.*\+)?json$/
const inputMime = 'application/vnd.suricate.input+json'

/** undefined: a kind that only later formats have. */
export function parseOutput(given: Json, path: string, isLater: boolean): NewOutput | undefined {
  const output = getObject(given, path)
  const type = getString(output['output_type'], `${path}.output_type`)
  if (type === 'stream') {
    const name = getString(output['name'], `${path}.name`)
    const text = getLines(output['text'], `${path}.text`)
    return { kind: name === 'stderr' ? 'stderr' : 'stdout', data: { 'text/plain': text } }
  }
  if (type === 'error') {
    const name = getString(output['ename'], `${path}.ename`)
    const message = getString(output['evalue'], `${path}.evalue`)
    const stack = getList(output['traceback'], `${path}.traceback`)
      .map((line, i) => getString(line, `${path}.traceback[${i}]`))
      .join('\n')
    const error = { name, message, ...(stack ? { stack } : {}) }
    return { kind: 'error', data: { [errorMime]: error, 'text/plain': stack || `${name}: ${message}` } }
  }
  if (type !== 'display_data' && type !== 'execute_result') {
    if (isLater) return undefined
    throw wrong(`${path}.output_type`, 'stream, display_data, execute_result or error', type)
  }
  const data: JsonObject = {}
  for (const [mime, value] of Object.entries(getObject(output['data'], `${path}.data`)))
    data[mime] = jsonMime.test(mime) ? value : getLines(value, `${path}.data["${mime}"]`)
  return { kind: type === 'execute_result' ? 'result' : 'display', data }
}

/** Of one cell, in their order; texts of one stream that follow each other are one. */
export function formatOutputs(outputs: readonly Output[]): JsonObject[] {
  const formatted: JsonObject[] = []
  let open: { kind: Output['kind']; text: string; output: JsonObject } | undefined
  for (const { kind, data } of outputs) {
    if (kind === 'stdout' || kind === 'stderr') {
      const text = typeof data['text/plain'] === 'string' ? data['text/plain'] : ''
      if (open?.kind === kind) {
        open.text += text
        open.output['text'] = toLines(open.text)
        continue
      }
      const output: JsonObject = { name: kind, output_type: 'stream', text: toLines(text) }
      open = { kind, text, output }
      formatted.push(output)
      continue
    }
    open = undefined
    formatted.push(formatOutput(kind, data))
  }
  return formatted
}

function formatOutput(kind: Output['kind'], data: JsonObject): JsonObject {
  const error = data[errorMime]
  if (kind === 'error' || error !== undefined) {
    const { name, message, stack } = isJsonObject(error) ? error : {}
    const plain = typeof data['text/plain'] === 'string' ? data['text/plain'] : ''
    const evalue = typeof message === 'string' ? message : plain
    return {
      ename: typeof name === 'string' ? name : 'Error',
      evalue,
      output_type: 'error',
      traceback: (typeof stack === 'string' ? stack : plain || evalue).split('\n'),
    }
  }
  const bundle = toBundle(data)
  return kind === 'result'
    ? { data: bundle, execution_count: null, metadata: {}, output_type: 'execute_result' }
    : { data: bundle, metadata: {}, output_type: 'display_data' }
}

function toBundle(data: JsonObject): JsonObject {
  const bundle: JsonObject = {}
  for (const [mime, value] of Object.entries({ ...toTexts(data), ...data }))
    bundle[mime] = jsonMime.test(mime)
      ? value
      : toLines(typeof value === 'string' ? value : JSON.stringify(value))
  return bundle
}

/** What other programs show of the types that are our own. */
function toTexts(data: JsonObject): JsonObject {
  const table = data[tableMime]
  if (isJsonObject(table)) return { 'text/html': tableToHtml(table), 'text/plain': tableToText(table) }
  const progress = data[progressMime]
  if (isJsonObject(progress))
    return {
      'text/plain': `${String(progress['label'] ?? 'progress')}: ${String(progress['done'])} of ${String(progress['total'])}`,
    }
  const input = data[inputMime]
  if (isJsonObject(input))
    return {
      'text/plain': `${String(input['label'] ?? input['kind'])}: ${JSON.stringify(input['value'] ?? null)}`,
    }
  return {}
}

/** nbformat's own form of a text. */
export function toLines(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\n)/)
}
