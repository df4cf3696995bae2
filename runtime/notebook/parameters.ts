/**
 * Typed parameters of a notebook: what `parameters({...})` was given becomes a JSON Schema (form, OpenAPI, command
 * line), and values are checked against it. Pure; the isolate, the server and the pages share it.
 */
import { AppError } from '../error.ts'
import type { Json, JsonObject } from '../json.ts'
import { isJsonObject } from '../json.ts'

export type ParameterValue = string | number | boolean
export interface ParameterSchema extends JsonObject {
  type: 'object'
  properties: { [name: string]: JsonObject }
  additionalProperties: false
}
export const noParameters: ParameterSchema = { type: 'object', properties: {}, additionalProperties: false }

const fields = ['default', 'min', 'max', 'choices', 'description']
const nameForm = /^[A-Za-z_$][\w$]{0,63}$/

/** invalid: names the parameter and what is wrong with its declaration. */
export function toParameterSchema(spec: unknown): ParameterSchema {
  if (!isJsonObject(spec))
    throw new AppError('invalid', 'parameters(...) takes an object of names with defaults, { hours: 24 }.')
  const names = Object.keys(spec)
  if (names.length > 100) throw new AppError('invalid', 'A notebook has at most 100 parameters.')
  const properties: { [name: string]: JsonObject } = {}
  for (const name of names) {
    if (!nameForm.test(name)) throw new AppError('invalid', `"${name}" cannot be the name of a parameter.`)
    properties[name] = toProperty(name, spec[name]!)
  }
  return { type: 'object', properties, additionalProperties: false }
}

function toProperty(name: string, given: Json): JsonObject {
  const spec: JsonObject = isJsonObject(given) ? given : { default: given }
  const wrong = (why: string): AppError =>
    new AppError('invalid', `The parameter ${name} ${why}.`, { path: name })
  const unknown = Object.keys(spec).find((field) => !fields.includes(field))
  if (unknown !== undefined) throw wrong(`has "${unknown}", which is none of ${fields.join(', ')}`)
  const type = typeof spec['default']
  if (type !== 'string' && type !== 'number' && type !== 'boolean')
    throw wrong('needs a default that is a text, a number, true or false')
  const property: JsonObject = { type, default: spec['default']! }
  for (const [field, keyword] of [
    ['min', 'minimum'],
    ['max', 'maximum'],
  ] as const) {
    const bound = spec[field]
    if (bound === undefined) continue
    if (type !== 'number' || typeof bound !== 'number')
      throw wrong(`can have ${field} only as a number of a number`)
    property[keyword] = bound
  }
  const choices = spec['choices']
  if (choices !== undefined) {
    if (!Array.isArray(choices) || choices.length === 0 || choices.some((choice) => typeof choice !== type))
      throw wrong(`needs choices of its own type, ${type}`)
    property['enum'] = choices
  }
  if (typeof spec['description'] === 'string') property['description'] = spec['description'].slice(0, 500)
  const reason = findFault(property, spec['default']!)
  if (reason !== undefined) throw wrong(`has a default that does not fit: it ${reason}`)
  return property
}

/** Why a value does not fit, as the end of a sentence; undefined when it does. */
function findFault(property: JsonObject, value: Json): string | undefined {
  const type = property['type'] as string
  if (typeof value !== type || (typeof value === 'number' && !Number.isFinite(value)))
    return `must be a ${type}, not ${JSON.stringify(value)}`
  if (typeof value === 'number') {
    if (value < Number(property['minimum'] ?? -Infinity))
      return `must be at least ${String(property['minimum'])}`
    if (value > Number(property['maximum'] ?? Infinity))
      return `must be at most ${String(property['maximum'])}`
  }
  if (typeof value === 'string' && value.length > 10_000) return 'must have at most 10,000 characters'
  const choices = property['enum']
  if (Array.isArray(choices) && !choices.includes(value))
    return `must be one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}`
  return undefined
}

/** The values of a run over the defaults. Names that the schema lacks are ignored: another cell may declare them. */
export function fillParameters(
  schema: ParameterSchema,
  values: JsonObject,
): { [name: string]: ParameterValue } {
  const filled: { [name: string]: ParameterValue } = {}
  for (const [name, property] of Object.entries(schema.properties)) {
    const value = Object.hasOwn(values, name) ? values[name]! : property['default']!
    const reason = findFault(property, value)
    if (reason !== undefined)
      throw new AppError('invalid', `The parameter ${name} ${reason}.`, { path: `parameters.${name}` })
    filled[name] = value as ParameterValue
  }
  return filled
}

/** invalid: a wrong value, or a name that the notebook does not declare, with those it does. */
export function checkParameters(schema: ParameterSchema, values: JsonObject): void {
  fillParameters(schema, values)
  const names = Object.keys(schema.properties)
  const unknown = Object.keys(values).find((name) => !names.includes(name))
  if (unknown === undefined) return
  const known = names.length ? `It declares: ${names.join(', ')}.` : 'It declares none.'
  throw new AppError('invalid', `The notebook has no parameter "${unknown}". ${known}`, {
    path: `parameters.${unknown}`,
  })
}

export function mergeSchemas(a: ParameterSchema, b: ParameterSchema): ParameterSchema {
  return { type: 'object', properties: { ...a.properties, ...b.properties }, additionalProperties: false }
}
