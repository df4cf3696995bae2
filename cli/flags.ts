/**
 * Flags from a notebook's parameter schema: `--hours 24`, `--dry-run`/`--no-dry-run` for true and false, and
 * `-p name=value` for a parameter whose name a flag of the command has. Values get the type that the schema names; what
 * does not fit is told by the server in its own words.
 */
import type { Json, JsonObject } from '../runtime/json.ts'
import { isJsonObject } from '../runtime/json.ts'
import { Fault } from './fault.ts'

export interface Given {
  positional: string[]
  own: Map<string, string | true>
  parameters: JsonObject
}
/** Of the command: which flags take a value. */
export type OwnFlags = { [name: string]: 'value' | 'switch' }
type Properties = { [name: string]: JsonObject }

export function toProperties(schema: JsonObject): Properties {
  const properties = schema['properties']
  return isJsonObject(properties) ? (properties as Properties) : {}
}

export function parseFlags(args: readonly string[], flags: OwnFlags, properties: Properties = {}): Given {
  const given: Given = { positional: [], own: new Map(), parameters: {} }
  const rest = [...args]
  const next = (flag: string): string => {
    const value = rest.shift()
    if (value === undefined) throw new Fault(`${flag} needs a value behind it.`)
    return value
  }
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--') return { ...given, positional: [...given.positional, ...rest] }
    if (arg === '-p' || arg === '--parameter') {
      const [name, value] = split(next(arg))
      given.parameters[name] = toValue(name, value ?? '', properties[name])
      continue
    }
    if (!arg.startsWith('--')) {
      given.positional.push(arg)
      continue
    }
    const [name, inline] = split(arg.slice(2))
    if (Object.hasOwn(flags, name))
      given.own.set(name, flags[name] === 'switch' ? true : (inline ?? next(arg)))
    else addParameter(given.parameters, arg, name, inline, properties, next)
  }
  return given
}

function addParameter(
  parameters: JsonObject,
  arg: string,
  name: string,
  inline: string | undefined,
  properties: Properties,
  next: (flag: string) => string,
): void {
  const known = findName(name, properties)
  if (known !== undefined) {
    const isBoolean = properties[known]!['type'] === 'boolean'
    parameters[known] = toValue(known, inline ?? (isBoolean ? 'true' : next(arg)), properties[known])
    return
  }
  const negated = name.startsWith('no-') ? findName(name.slice(3), properties) : undefined
  if (negated === undefined || properties[negated]!['type'] !== 'boolean') {
    const names = Object.keys(properties).map((key) => `--${toFlag(key)}`)
    const there = names.length > 0 ? ` The notebook has: ${names.join(', ')}.` : ''
    throw new Fault(`There is no flag --${name}.${there} --help lists all.`)
  }
  parameters[negated] = false
}

/** `trainUntil` is also `train-until`. */
function findName(flag: string, properties: Properties): string | undefined {
  return Object.keys(properties).find((name) => name === flag || toFlag(name) === flag)
}
export function toFlag(name: string): string {
  return name.replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase()
}
function split(text: string): [string, string | undefined] {
  const at = text.indexOf('=')
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

function toValue(name: string, text: string, property: JsonObject | undefined): Json {
  const type = property?.['type']
  if (type === 'number' || type === 'integer') {
    const number = Number(text)
    if (text.trim() === '' || !Number.isFinite(number))
      throw new Fault(`--${toFlag(name)} is a number, not "${text}".`)
    return number
  }
  if (type === 'boolean') {
    if (text !== 'true' && text !== 'false')
      throw new Fault(`--${toFlag(name)} is true or false, not "${text}".`)
    return text === 'true'
  }
  return text
}

/** The lines of --help. */
export function describeParameters(schema: JsonObject): string {
  const lines = Object.entries(toProperties(schema)).map(([name, property]) => {
    const {
      type,
      format,
      minimum,
      maximum,
      multipleOf,
      enum: choices,
      default: value,
      description,
    } = property
    const facts = [
      minimum === undefined ? '' : `from ${String(minimum)}`,
      maximum === undefined ? '' : `to ${String(maximum)}`,
      multipleOf === undefined ? '' : `in steps of ${String(multipleOf)}`,
      Array.isArray(choices) ? `one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}` : '',
      value === undefined ? 'required' : `default ${JSON.stringify(value)}`,
    ].filter(Boolean)
    const kind = typeof format === 'string' ? format : String(type)
    const left = `  --${toFlag(name)} ${kind === 'boolean' ? '' : kind.toUpperCase()}`.trimEnd().padEnd(28)
    const right = [typeof description === 'string' ? description : '', `(${facts.join(', ')})`]
    return `${left}  ${right.filter(Boolean).join(' ')}`
  })
  return lines.length > 0
    ? `Parameters of this notebook:\n${lines.join('\n')}`
    : 'This notebook has no parameters.'
}
