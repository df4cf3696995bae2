/** Reading of an .ipynb file with errors that name the place and what would be right there. */
import { AppError } from '../../error.ts'
import type { Json, JsonObject } from '../../json.ts'
import { isJsonObject, isShallow } from '../../json.ts'

const maxDepth = 100

/** The notebook as an object of nbformat 4; invalid or unsupported otherwise. */
export function readNotebook(text: string): { notebook: JsonObject; minor: number } {
  if (!isShallow(text, maxDepth))
    throw new AppError('invalid', `The notebook is nested deeper than ${maxDepth} levels.`)
  let notebook: unknown
  try {
    notebook = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    const why = error instanceof Error ? error.message : ''
    throw new AppError('invalid', `The file is no JSON, so it is no .ipynb notebook: ${why}`)
  }
  if (!isJsonObject(notebook)) throw wrong('the notebook', 'an object with nbformat and cells', notebook)
  const { nbformat: major, nbformat_minor: minor = 0 } = notebook
  if (typeof major !== 'number') throw wrong('nbformat', '4', major)
  if (major !== 4)
    throw new AppError(
      'unsupported',
      `This notebook has nbformat ${major}; nbformat 4 is read here. To convert it: jupyter nbconvert --to notebook --nbformat 4 FILE`,
      { path: 'nbformat' },
    )
  if (typeof minor !== 'number') throw wrong('nbformat_minor', 'a number', minor)
  return { notebook, minor }
}

export function getObject(value: Json | undefined, path: string): JsonObject {
  if (value === undefined) return {}
  if (!isJsonObject(value)) throw wrong(path, 'an object', value)
  return value
}
export function getList(value: Json | undefined, path: string): Json[] {
  if (!Array.isArray(value)) throw wrong(path, 'a list', value)
  return value
}
export function getString(value: Json | undefined, path: string): string {
  if (typeof value !== 'string') throw wrong(path, 'a text', value)
  return value
}
/** nbformat writes a text as one or as the list of its lines. */
export function getLines(value: Json | undefined, path: string): string {
  if (typeof value === 'string') return value
  if (!Array.isArray(value)) throw wrong(path, 'a text or a list of texts', value)
  return value.map((line, i) => getString(line, `${path}[${i}]`)).join('')
}
export function wrong(path: string, right: string, value: unknown): AppError {
  const is =
    value === undefined
      ? 'is missing'
      : `is ${value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : JSON.stringify(value).slice(0, 60)}`
  return new AppError('invalid', `${path} ${is}; it must be ${right}.`, { path })
}
