/**
 * What an input takes: one check for the isolate, the server and the pages. The guest shows an input with the value
 * that a person chose before, where this says that it is still possible. Pure.
 */
import type { Control } from '../api/inputs.ts'
import { AppError } from '../error.ts'
import type { Json } from '../json.ts'
import { findDateFault } from './date.ts'
import { isStep } from './parameters.ts'

/** Why a value does not fit, as the end of a sentence; undefined when it does. */
export function findInputFault(control: Control, value: Json): string | undefined {
  switch (control.kind) {
    case 'slider': {
      const { min, max, step } = control
      if (typeof value !== 'number' || !Number.isFinite(value)) return `must be a number, not ${shown(value)}`
      if (value < min || value > max) return `must be from ${min} to ${max}, not ${value}`
      // The end can be reached, also where it is no whole number of steps away.
      return value === max || isStep(value, min, step)
        ? undefined
        : `must be ${min} plus a multiple of ${step}, not ${value}`
    }
    case 'select': {
      const known = (given: Json): boolean => control.options.some((option) => option.value === given)
      if (!control.multiple) return known(value) ? undefined : `has no choice ${shown(value)}`
      if (!Array.isArray(value)) return `takes a list of choices, not ${shown(value)}`
      if (new Set(value).size < value.length) return 'takes each choice once'
      const unknown = value.find((one) => !known(one))
      return unknown === undefined ? undefined : `has no choice ${shown(unknown)}`
    }
    case 'text':
      if (typeof value !== 'string') return `must be a text, not ${shown(value)}`
      return value.length > control.maxLength
        ? `must have at most ${control.maxLength} characters`
        : undefined
    case 'date':
      return findDateFault(value, control.min, control.max)
    case 'table': {
      const count = control.rows.length
      if (!Array.isArray(value)) return `takes a list of places of rows, not ${shown(value)}`
      if (control.select === 'single' && value.length > 1) return 'takes one row'
      if (new Set(value).size < value.length) return 'takes each row once'
      const wrong = value.find((at) => !Number.isInteger(at) || Number(at) < 0 || Number(at) >= count)
      return wrong === undefined ? undefined : `has no row ${shown(wrong)}: it shows ${count}, from 0`
    }
    case 'button':
      return Number.isSafeInteger(value) && Number(value) >= 0 ? undefined : 'counts its clicks'
  }
}

/** The value that a change leads to: a button counts, whatever is sent. invalid: names the input and what is right. */
export function toInputValue(control: Control, given: Json): Json {
  if (control.kind === 'button') return control.value + 1
  const fault = findInputFault(control, given)
  if (fault !== undefined)
    throw new AppError('invalid', `The input "${control.label}" ${fault}.`, { path: 'value' })
  return given
}

/** What stands where the control cannot: `Hours: 24`. */
export function toInputText(control: Control): string {
  const { label, value } = control
  if (control.kind === 'table')
    return `${label}: ${control.value.length} of ${control.rows.length} rows selected`
  if (control.kind === 'button') return `${label}: ${control.value} clicks`
  return `${label}: ${Array.isArray(value) ? value.join(', ') : String(value)}`
}

function shown(value: Json): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
