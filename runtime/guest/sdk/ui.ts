/**
 * Inputs of a notebook: `ui.slider(...)` shows a control as an output and answers an object whose `value` is current. What
 * a person chose comes from the host through a handler of the face's own, the second that is registered, and is kept
 * by the place of the input (the cell, and the how manieth in it): running the cell again shows it again where the new
 * control still takes it. Nothing of the user's runs when a value changes.
 */
import type { Choice, Control, ControlOf } from '../../api/inputs.ts'
import { AppError } from '../../error.ts'
import type { Json, JsonObject } from '../../json.ts'
import { isJsonObject } from '../../json.ts'
import { findInputFault, toInputText } from '../../notebook/input.ts'
import type { Table, Ui, UiInput } from '../../sdk/interface.ts'
import type { Bridge } from '../bridge.ts'
import { GuestTable } from './table.ts'
import { toJson } from './json.ts'

// As in runtime/api/inputs.ts, whose schemas the isolate does without.
const inputMime = 'application/vnd.suricate.input+json'
const limits = { options: 1000, rows: 500, rowBytes: 500_000, text: 10_000, perCell: 100 }
const dayMs = 86_400_000

type Given<Kind extends Control['kind']> = Omit<ControlOf<Kind>, 'id' | 'kind' | 'label' | 'initial'>
/** What people chose: only for a control of the same kind and label. */
interface Chosen {
  kind: string
  label: string
  value: Json
}

export function createUi(bridge: Bridge): { ui: Ui; isInput: (value: unknown) => boolean } {
  const chosen = Object.create(null) as { [id: string]: Chosen }
  const made = new WeakSet<object>()
  let place = { cell: '', execution: -1 }
  let count = 0
  bridge.handler((input) => {
    const values = input['values'] as unknown as { [id: string]: Chosen }
    for (const id of Object.keys(values)) chosen[id] = values[id]!
  })

  function nextId(): string {
    const now = bridge.place()
    if (now.execution !== place.execution || now.cell !== place.cell) {
      place = now
      count = 0
    }
    count += 1
    if (count > limits.perCell)
      throw new AppError('limit', `A cell shows at most ${limits.perCell} inputs. Make more in another cell.`)
    return `${now.cell}.${count}`
  }

  /** Shows it; `read` makes what the notebook sees of the value. */
  function add<Kind extends Control['kind'], Value>(
    kind: Kind,
    givenLabel: string,
    description: unknown,
    given: Given<Kind>,
    read: (value: ControlOf<Kind>['value']) => Value,
  ): UiInput<Value> {
    const label = toLabel(kind, givenLabel)
    const id = nextId()
    const about = typeof description === 'string' ? { description: description.slice(0, 500) } : {}
    const control = {
      id,
      kind,
      label,
      ...about,
      initial: given.value,
      ...given,
    } as unknown as ControlOf<Kind>
    const fault = findInputFault(control, control.value)
    if (fault !== undefined) throw wrong(kind, `value ${fault}`)
    const current = (): ControlOf<Kind>['value'] => {
      const before = chosen[id]
      const fits =
        before?.kind === kind && before.label === label && findInputFault(control, before.value) === undefined
      return (fits ? before.value : control.initial) as ControlOf<Kind>['value']
    }
    control.value = current()
    bridge.output({
      kind: 'display',
      id: `input-${id}`,
      data: { [inputMime]: control as unknown as Json, 'text/plain': toInputText(control) },
    })
    const input = Object.freeze({
      id,
      label,
      get value() {
        return read(current())
      },
    })
    made.add(input)
    return input
  }

  const ui = {
    slider(label: string, options: unknown = {}) {
      const { min = 0, max = 100, step = 1, value = min, description } = toOptions('slider', options)
      for (const [name, number] of Object.entries({ min, max, step, value }))
        if (typeof number !== 'number' || !Number.isFinite(number))
          throw wrong('slider', `${name} must be a number, not ${String(number).slice(0, 60)}`)
      if (Number(min) >= Number(max))
        throw wrong('slider', `min, ${String(min)}, must be below max, ${String(max)}`)
      if (Number(step) <= 0) throw wrong('slider', `step must be above 0, not ${String(step)}`)
      const given = { min, max, step, value } as Given<'slider'>
      return add('slider', label, description, given, (now) => now)
    },
    select(label: string, choices: unknown, options: unknown = {}) {
      const { multiple = false, value, description } = toOptions('select', options)
      const list = toChoices(choices)
      const first = value ?? (multiple ? [] : list[0]!.value)
      const given = { options: list, multiple: multiple === true, value: first as Choice | Choice[] }
      return add('select', label, description, given, (now) => (Array.isArray(now) ? [...now] : now))
    },
    text(label: string, options: unknown = {}) {
      const {
        value = '',
        placeholder,
        multiline = false,
        maxLength = limits.text,
        description,
      } = toOptions('text', options)
      if (!Number.isInteger(maxLength) || Number(maxLength) < 1 || Number(maxLength) > limits.text)
        throw wrong('text', `maxLength must be from 1 to ${limits.text}`)
      const given: Given<'text'> = {
        value: value as string,
        multiline: multiline === true,
        maxLength: maxLength as number,
        ...(typeof placeholder === 'string' ? { placeholder: placeholder.slice(0, 200) } : {}),
      }
      return add('text', label, description, given, (now) => now)
    },
    date(label: string, options: unknown = {}) {
      const { min, max, value, description } = toOptions('date', options)
      const today = new Date(Math.floor(Date.now() / dayMs) * dayMs).toISOString().slice(0, 10)
      const given: Given<'date'> = {
        value: (value ?? within(today, min, max)) as string,
        ...(min === undefined ? {} : { min: min as string }),
        ...(max === undefined ? {} : { max: max as string }),
      }
      return add('date', label, description, given, (now) => now)
    },
    table(source: unknown, options: unknown = {}) {
      const { select = 'multiple', label = '', description } = toOptions('table', options)
      if (select !== 'single' && select !== 'multiple')
        throw wrong('table', `select must be 'single' or 'multiple', not ${String(select).slice(0, 60)}`)
      const table = toTable(source)
      const rows = toRows(table)
      const given: Given<'table'> = {
        value: [],
        select,
        names: [...table.names],
        types: { ...table.types },
        length: table.length,
        rows,
      }
      return add('table', (label as string) || 'Rows', description, given, (now) => {
        const selected = now.map((at) => table.row(at))
        return select === 'single' ? (selected[0] ?? null) : selected
      })
    },
    button(label: string, options: unknown = {}) {
      const { description } = toOptions('button', options)
      return add('button', label, description, { value: 0 }, (now) => now)
    },
  }
  return {
    ui: ui as unknown as Ui,
    isInput: (value) => typeof value === 'object' && value !== null && made.has(value),
  }
}

function wrong(kind: string, why: string): AppError {
  return new AppError('invalid', `ui.${kind}: ${why}.`)
}
function toLabel(kind: string, label: unknown): string {
  if (typeof label !== 'string' || label.trim() === '')
    throw wrong(kind, 'the label must be a text that says what is chosen')
  return label.slice(0, 200)
}
function toOptions(kind: string, options: unknown): JsonObject {
  if (!isJsonObject(options)) throw wrong(kind, 'the options are an object')
  return options
}
function within(day: string, min: unknown, max: unknown): string {
  if (typeof min === 'string' && day < min) return min
  return typeof max === 'string' && day > max ? max : day
}
function toChoices(choices: unknown): { label: string; value: Choice }[] {
  const entries: [unknown, unknown][] = Array.isArray(choices)
    ? choices.map((value): [unknown, unknown] => [value, value])
    : isJsonObject(choices)
      ? Object.entries(choices)
      : []
  if (entries.length === 0 || entries.length > limits.options)
    throw wrong('select', `takes 1 to ${limits.options} choices: a list, or an object of names with values`)
  const list = entries.map(([label, value]) => {
    if (typeof value !== 'string' && typeof value !== 'boolean' && !Number.isFinite(value))
      throw wrong('select', 'a choice is a text, a number, true or false')
    return { label: String(label).slice(0, 1000), value: value as Choice }
  })
  if (new Set(list.map(({ value }) => value)).size < list.length)
    throw wrong('select', 'the choices must differ from each other')
  return list
}
function toTable(source: unknown): Table {
  if (source instanceof GuestTable) return source
  const rows = Array.isArray(source) && source.every((row) => isJsonObject(row))
  if (!rows) throw wrong('table', 'takes a table, or a list of rows as objects')
  return GuestTable.fromRows(source as JsonObject[])
}
/** The first rows, as many as may be shown. */
function toRows(table: Table): JsonObject[] {
  const rows: JsonObject[] = []
  let bytes = 0
  for (let i = 0; i < Math.min(table.length, limits.rows); i++) {
    const row = toJson(table.row(i)) as JsonObject
    bytes += JSON.stringify(row).length
    if (bytes > limits.rowBytes) break
    rows.push(row)
  }
  return rows
}
