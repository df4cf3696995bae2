/**
 * A pattern of a person's own with named groups. It runs on RE2, in time linear to the line, so that no pattern and no
 * line can hold up ingest; what RE2 leaves out for it (backreferences, lookaround) is refused when it is defined.
 */
import { RE2JS } from 're2js'
import { AppError, toMessage } from '../../error.ts'
import type { JsonObject } from '../../json.ts'
import { toCsvValue } from '../csv.ts'

const kept = new Map<string, RE2JS>()
const maxKept = 200
const maxProgram = 10_000

/** invalid: not a pattern, too large, or without named groups. */
export function toPattern(source: string): RE2JS {
  let pattern = kept.get(source)
  if (pattern) return pattern
  try {
    pattern = RE2JS.compile(source)
  } catch (error) {
    throw wrong(`The pattern cannot be read: ${toMessage(error).slice(0, 200)}.`)
  }
  if (pattern.programSize() > maxProgram)
    throw wrong('The pattern is too large; repeat less, or take a simpler one.')
  if (Object.keys(pattern.namedGroups()).length === 0)
    throw wrong('The pattern has no named group, such as (?<host>\\S+): they are the fields.')
  if (kept.size >= maxKept) kept.clear()
  kept.set(source, pattern)
  return pattern
}

/** The named groups of the whole line: numbers where they read as such, null where a group took no part. */
export function parsePattern(source: string, line: string): JsonObject {
  const pattern = toPattern(source)
  const matcher = pattern.matcher(line)
  if (!matcher.matches())
    throw new AppError('invalid', `The line does not match the pattern: ${JSON.stringify(line.slice(0, 80))}`)
  return Object.fromEntries(
    Object.keys(pattern.namedGroups()).map((name) => [name, toCsvValue(matcher.group(name) ?? '')]),
  )
}

function wrong(message: string): AppError {
  return new AppError('invalid', message, { path: 'parse.pattern' })
}
