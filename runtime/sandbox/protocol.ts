/**
 * What crosses the pipes. Commands go to the child, which trusts its parent. Events come from a process that may run
 * anybody's code: toEvent() takes each field by name, checks its type and size and makes a new object of it; what it
 * refuses ends the child.
 */
import type { Frame } from './frame.ts'
import { FrameError } from './frame.ts'
import type { ExecutionStatus, Limits } from './port.ts'

export type Command =
  /** Parts: the parameters as JSON. */
  | {
      type: 'bind'
      kind: 'analytics' | 'processing'
      limits: WireLimits
      clock?: { now: number; seed: number }
    }
  /** Parts: the source. */
  | { type: 'run'; execution: number; cell: string; label: string; limits: WireLimits }
  /** Describes the variables. */
  | { type: 'variables'; execution: number; limits: WireLimits }
  /**
   * Parts: a JSON list of the calls without their states; one of the states of those that `after` does not give the
   * one of an earlier call.
   */
  | { type: 'handle'; execution: number; limits: WireLimits; after: (number | null)[] }
  /** Parts: the value, or {code, message}, as JSON; then the bytes. */
  | { type: 'answer'; id: number; ok: boolean }
  | { type: 'abort' }
  /** A fresh isolate, for another run of the same workspace. */
  | { type: 'renew' }
/** Infinity has no JSON: null. */
export type WireLimits = { [name in keyof Limits]: number | null }

export type ChildEvent =
  | { type: 'ready' }
  | { type: 'renewed' }
  | { type: 'output'; text: string }
  | { type: 'call'; id: number; name: string; step: number; text: string; binary: Uint8Array[] }
  | {
      type: 'end'
      execution: number
      status: ExecutionStatus
      cpuMs: number
      alive: boolean
      /** {value, error}, {results} or {variables}, as JSON. */
      detail: string
      /** JSON of the value. */
      json?: string
    }
  | { type: 'fatal'; status: 'memory' | 'timeout' | 'killed'; message: string }

export function toWire(limits: Limits): WireLimits {
  return JSON.parse(JSON.stringify(limits)) as WireLimits
}
export function fromWire(wire: WireLimits): Limits {
  return Object.fromEntries(
    Object.entries(wire).map(([name, value]) => [name, value ?? Infinity]),
  ) as unknown as Limits
}

const decoder = new TextDecoder('utf-8')
const statuses: readonly string[] = ['ok', 'error', 'timeout', 'memory']
const deaths: readonly string[] = ['memory', 'timeout', 'killed']

/** Throws FrameError. */
export function toEvent({ header, parts }: Frame): ChildEvent {
  switch (header['type']) {
    case 'ready':
      return { type: 'ready' }
    case 'renewed':
      return { type: 'renewed' }
    case 'output':
      return { type: 'output', text: text(parts, 0) }
    case 'call':
      return {
        type: 'call',
        id: integer(header, 'id'),
        name: name(header, 'name'),
        step: integer(header, 'step'),
        text: text(parts, 0),
        binary: parts.slice(1),
      }
    case 'end':
      return {
        type: 'end',
        execution: integer(header, 'execution'),
        status: oneOf(header, 'status', statuses) as ExecutionStatus,
        cpuMs: amount(header, 'cpuMs'),
        alive: header['alive'] === true,
        detail: text(parts, 0),
        ...(parts.length > 1 ? { json: text(parts, 1) } : {}),
      }
    case 'fatal':
      return {
        type: 'fatal',
        status: oneOf(header, 'status', deaths) as 'memory',
        message: name(header, 'message'),
      }
    default:
      throw new FrameError('a message of no known type')
  }
}

function integer(header: Frame['header'], field: string): number {
  const value = header[field]
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw new FrameError(`a message whose ${field} is no integer`)
  return value
}
function amount(header: Frame['header'], field: string): number {
  const value = header[field]
  if (typeof value !== 'number' || !(value >= 0) || value > 1e12)
    throw new FrameError(`a message whose ${field} is no amount`)
  return value
}
function name(header: Frame['header'], field: string): string {
  const value = header[field]
  if (typeof value !== 'string' || value.length > 1_000)
    throw new FrameError(`a message whose ${field} is no short text`)
  return value
}
function oneOf(header: Frame['header'], field: string, values: readonly string[]): string {
  const value = name(header, field)
  if (!values.includes(value)) throw new FrameError(`a message with an unknown ${field}`)
  return value
}
function text(parts: Uint8Array[], index: number): string {
  const part = parts[index]
  if (!part) throw new FrameError('a message without its text')
  return decoder.decode(part)
}
