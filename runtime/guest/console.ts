/** The console of a notebook: text lines, with the substitutions, counters and timers that people use. */
import { cut, dictionary, hasOwn, isArray, stringify, wallNow } from './primordials.ts'
import type { Outputs } from './output.ts'

/** More of one value would be cut from its line anyway. */
const longest = 256 * 1024

export function createConsole(outputs: Outputs, inspect: (value: unknown) => string): object {
  const counts = dictionary<number>()
  const timers = dictionary<number>()
  let indent = ''

  const join = (values: unknown[]): string => {
    let text = indent
    for (let i = 0; i < values.length; i++) {
      const value = values[i]
      text += `${i > 0 ? ' ' : ''}${typeof value === 'string' ? cut(value, longest) : inspect(value)}`
    }
    return text
  }
  const out = (...values: unknown[]): void => outputs.line('stdout', join(values))
  const err = (...values: unknown[]): void => outputs.line('stderr', join(values))
  const name = (label: unknown): string => `${typeof label === 'string' ? label : 'default'}`
  return {
    log: out,
    info: out,
    debug: out,
    dir: (value: unknown): void => out(value),
    warn: err,
    error: err,
    trace: err,
    assert(holds: unknown, ...values: unknown[]): void {
      if (!holds) err('Assertion failed', ...values)
    },
    table(value: unknown): void {
      if (!isArray(value)) return out(value)
      for (let i = 0; i < value.length && i < 1_000; i++) out(`${i}\t${toRow(value[i], inspect)}`)
    },
    group(...values: unknown[]): void {
      out(...values)
      if (indent.length < 32) indent += '  '
    },
    groupEnd(): void {
      indent = ''
    },
    count(label?: unknown): void {
      const key = name(label)
      counts[key] = (hasOwn(counts, key) ? (counts[key] as number) : 0) + 1
      out(`${key}: ${counts[key]}`)
    },
    time(label?: unknown): void {
      timers[name(label)] = wallNow()
    },
    timeEnd(label?: unknown): void {
      const key = name(label)
      if (hasOwn(timers, key)) out(`${key}: ${wallNow() - (timers[key] as number)}ms`)
      delete timers[key]
    },
  }
}

function toRow(value: unknown, inspect: (value: unknown) => string): string {
  if (typeof value !== 'object' || value === null) return inspect(value)
  try {
    return stringify(value)
  } catch {
    return inspect(value)
  }
}
