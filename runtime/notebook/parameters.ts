/**
 * Typed parameters of a notebook: what `parameters({...})` was given becomes a JSON Schema (form, OpenAPI, command
 * line), and values are checked against it. Pure; the isolate, the server, the command line and the pages share it, so
 * that a bad value is told in the same words everywhere. A date is text, `2024-01-31`.
 */
import { AppError } from '../error.ts'
import type { Json, JsonObject } from '../json.ts'
import { isJsonObject } from '../json.ts'
import { findDateFault } from './date.ts'

export type ParameterValue = string | number | boolean
export type ParameterSchema = JsonObject & {
  type: 'object'
  properties: { [name: string]: JsonObject }
  /** Those without a default. */
  required?: string[]
  additionalProperties: false
}
export const noParameters: ParameterSchema = { type: 'object', properties: {}, additionalProperties: false }

const fields = ['type', 'default', 'required', 'min', 'max', 'step', 'choices', 'description']
const types = ['text', 'number', 'integer', 'boolean', 'date']
const nameForm = /^[A-Za-z_$][\w$]{0,63}$/
const maxChoices = 1000
const maxText = 10_000

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
  return toSchema(properties)
}

function toSchema(properties: ParameterSchema['properties']): ParameterSchema {
  const required = Object.keys(properties).filter((name) => properties[name]!['default'] === undefined)
  return {
    type: 'object',
    properties,
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
  }
}

type Wrong = (why: string) => AppError

function toProperty(name: string, given: Json): JsonObject {
  const spec: JsonObject = isJsonObject(given) ? given : { default: given }
  const wrong: Wrong = (why) => new AppError('invalid', `The parameter ${name} ${why}.`, { path: name })
  const unknown = Object.keys(spec).find((field) => !fields.includes(field))
  if (unknown !== undefined) throw wrong(`has "${unknown}", which is none of ${fields.join(', ')}`)
  const property = toType(spec, wrong)
  addBounds(property, spec, wrong)
  const choices = spec['choices']
  if (choices !== undefined) {
    const own = { type: property['type']!, ...(property['format'] ? { format: property['format'] } : {}) }
    if (
      !Array.isArray(choices) ||
      choices.length === 0 ||
      choices.length > maxChoices ||
      choices.some((choice) => findFault(own, choice) !== undefined)
    )
      throw wrong(`needs choices of its own type, ${nameOf(property)}: 1 to ${maxChoices} of them`)
    property['enum'] = [...new Set(choices)]
  }
  if (typeof spec['description'] === 'string') property['description'] = spec['description'].slice(0, 500)
  if (spec['default'] === undefined) return property
  const reason = findFault(property, spec['default'])
  if (reason !== undefined) throw wrong(`has a default that does not fit: it ${reason}`)
  return property
}

/** As it is declared, or that of the default or of the choices. */
function toType(spec: JsonObject, wrong: Wrong): JsonObject {
  const given = spec['type']
  if (given !== undefined && (typeof given !== 'string' || !types.includes(given)))
    throw wrong(`has the type ${JSON.stringify(given)}, which is none of ${types.join(', ')}`)
  const { required } = spec
  if (required !== undefined && typeof required !== 'boolean')
    throw wrong('has required: true, or not at all')
  if (required === true && spec['default'] !== undefined)
    throw wrong('has a default, so it cannot be required as well')
  const choices = spec['choices']
  const example = spec['default'] ?? (Array.isArray(choices) ? choices[0] : undefined)
  const type = given === undefined ? typeof example : jsonTypes[given]!
  const found = type === 'string' || type === 'number' || type === 'integer' || type === 'boolean'
  if (!found || (spec['default'] === undefined && required !== true))
    throw wrong(
      `needs a default that is a text, a number, true or false; or required: true with a type (${types.join(', ')})`,
    )
  const property: JsonObject = { type }
  if (given === 'date') property['format'] = 'date'
  if (spec['default'] !== undefined) property['default'] = spec['default']
  return property
}
const jsonTypes: { [type: string]: string } = {
  text: 'string',
  date: 'string',
  number: 'number',
  integer: 'integer',
  boolean: 'boolean',
}

function addBounds(property: JsonObject, spec: JsonObject, wrong: Wrong): void {
  const isNumber = property['type'] === 'number' || property['type'] === 'integer'
  const isDate = property['format'] === 'date'
  for (const [field, keyword] of [
    ['min', isDate ? 'formatMinimum' : 'minimum'],
    ['max', isDate ? 'formatMaximum' : 'maximum'],
  ] as const) {
    const bound = spec[field]
    if (bound === undefined) continue
    const fits = isDate ? findDateFault(bound) === undefined : isNumber && Number.isFinite(bound)
    if (!fits) throw wrong(`can have ${field} only as a number of a number, or as a date of a date`)
    property[keyword] = bound
  }
  const [low, high] = [spec['min'], spec['max']]
  if (low !== undefined && high !== undefined && low! > high!)
    throw wrong(`has a min, ${String(low)}, above its max, ${String(high)}`)
  const step = spec['step']
  if (step === undefined) return
  if (!isNumber || typeof step !== 'number' || !(step > 0) || !Number.isFinite(step))
    throw wrong('can have step only as a number above 0 of a number')
  // Counted from min; a standard word only where it says the same, and exactly.
  const plain = Number.isInteger(step) && Number.isInteger(Number(low ?? 0) / step)
  property[plain ? 'multipleOf' : 'x-step'] = step
}

/** How people call what it takes: `number`, `date`, `string`. */
function nameOf(property: JsonObject): string {
  return property['format'] === 'date' ? 'date' : String(property['type'])
}
export function stepOf(property: JsonObject): number | undefined {
  const step = property['multipleOf'] ?? property['x-step']
  return typeof step === 'number' ? step : undefined
}

/** Why a value does not fit, as the end of a sentence; undefined when it does. */
export function findFault(property: JsonObject, value: Json): string | undefined {
  const type = property['type'] as string
  if (property['format'] === 'date') {
    const fault = findDateFault(value, property['formatMinimum'], property['formatMaximum'])
    if (fault !== undefined) return fault
  } else if (type === 'number' || type === 'integer') {
    if (typeof value !== 'number' || !Number.isFinite(value)) return `must be a number, not ${shown(value)}`
    const fault = findNumberFault(property, value)
    if (fault !== undefined) return fault
  } else if (typeof value !== type) return `must be a ${type}, not ${shown(value)}`
  if (typeof value === 'string' && value.length > maxText) return 'must have at most 10,000 characters'
  const choices = property['enum']
  if (!Array.isArray(choices) || choices.includes(value)) return undefined
  const some = choices.slice(0, 20).map((choice) => JSON.stringify(choice))
  return `must be one of ${some.join(', ')}${choices.length > 20 ? ` or ${choices.length - 20} others` : ''}`
}
function findNumberFault(property: JsonObject, value: number): string | undefined {
  const [low, high] = [property['minimum'], property['maximum']]
  if (property['type'] === 'integer' && !Number.isInteger(value)) return `must be an integer, not ${value}`
  if (value < Number(low ?? -Infinity)) return `must be at least ${String(low)}`
  if (value > Number(high ?? Infinity)) return `must be at most ${String(high)}`
  const step = stepOf(property)
  if (step === undefined || isStep(value, Number(low ?? 0), step)) return undefined
  return `must be ${low === undefined ? 'a multiple of' : `${String(low)} plus a multiple of`} ${step}, not ${value}`
}
/** Within what floating point leaves of steps such as 0.1. */
export function isStep(value: number, from: number, step: number): boolean {
  const steps = (value - from) / step
  return Math.abs(steps - Math.round(steps)) < 1e-6
}
function shown(value: Json): string {
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

/** The values of a run over the defaults. Names that the schema lacks are ignored: another cell may declare them. */
export function fillParameters(
  schema: ParameterSchema,
  values: JsonObject,
): { [name: string]: ParameterValue } {
  const filled: { [name: string]: ParameterValue } = {}
  for (const [name, property] of Object.entries(schema.properties)) {
    const value = Object.hasOwn(values, name) ? values[name]! : property['default']
    const reason =
      value === undefined ? `needs a value: ${describeParameter(property)}` : findFault(property, value)
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
  if (unknown !== undefined) throw toUnknown(schema, unknown)
}
function toUnknown(schema: ParameterSchema, name: string): AppError {
  const names = Object.keys(schema.properties)
  const known = names.length ? `It declares: ${names.join(', ')}.` : 'It declares none.'
  return new AppError('invalid', `The notebook has no parameter "${name}". ${known}`, {
    path: `parameters.${name}`,
  })
}

export function mergeSchemas(a: ParameterSchema, b: ParameterSchema): ParameterSchema {
  return toSchema({ ...a.properties, ...b.properties })
}

/** What a parameter takes, in words: `number, 1 to 48, in steps of 1`. */
export function describeParameter(property: JsonObject): string {
  const isDate = property['format'] === 'date'
  const low = property[isDate ? 'formatMinimum' : 'minimum']
  const high = property[isDate ? 'formatMaximum' : 'maximum']
  const step = stepOf(property)
  const choices = property['enum']
  const parts = [isDate ? 'date as 2024-01-31' : nameOf(property) === 'string' ? 'text' : nameOf(property)]
  if (low !== undefined && high !== undefined) parts.push(`${String(low)} to ${String(high)}`)
  else if (low !== undefined) parts.push(`at least ${String(low)}`)
  else if (high !== undefined) parts.push(`at most ${String(high)}`)
  if (step !== undefined) parts.push(`in steps of ${step}`)
  if (Array.isArray(choices))
    parts.push(`one of ${choices.slice(0, 20).map(String).join(', ')}${choices.length > 20 ? ', …' : ''}`)
  return parts.join(', ')
}

/** A value that came as text, from a command line or an address; `''` of a switch is true. invalid as above. */
export function parseParameter(schema: ParameterSchema, name: string, text: string): ParameterValue {
  const property = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined
  if (!property) throw toUnknown(schema, name)
  const alone = { ...noParameters, properties: { [name]: property } }
  return fillParameters(alone, { [name]: toValue(property, text) })[name]!
}
function toValue(property: JsonObject, text: string): ParameterValue {
  switch (property['type']) {
    case 'boolean': {
      const word = text.trim().toLowerCase()
      if (['', 'true', 'yes', 'on', '1'].includes(word)) return true
      return ['false', 'no', 'off', '0'].includes(word) ? false : text
    }
    case 'number':
    case 'integer':
      return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text)
    default:
      return text
  }
}
