import { describe, expect, test } from 'vitest'
import { control, inputMime } from '../../../runtime/api/inputs.ts'
import type { Bridge } from '../../../runtime/guest/bridge.ts'
import { GuestTable } from '../../../runtime/guest/sdk/table.ts'
import { createUi } from '../../../runtime/guest/sdk/ui.ts'
import type { Json, JsonObject } from '../../../runtime/json.ts'

function open() {
  const outputs: Parameters<Bridge['output']>[0][] = []
  const place = { cell: 'c1', execution: 1 }
  let handler: (input: JsonObject, state: JsonObject) => unknown = () => undefined
  const bridge = {
    output: (output: Parameters<Bridge['output']>[0]) => void outputs.push(output),
    handler(run: typeof handler) {
      handler = run
      return 'handler-2'
    },
    place: () => ({ ...place }),
  } as unknown as Bridge
  const { ui, isInput } = createUi(bridge)
  return {
    ui,
    isInput,
    outputs,
    shown: () => outputs.map(({ data }) => data[inputMime] as JsonObject),
    /** The next execution of a cell. */
    next: (cell = 'c1') => Object.assign(place, { cell, execution: place.execution + 1 }),
    choose: (id: string, kind: string, label: string, value: Json) =>
      handler({ values: { [id]: { kind, label, value } } }, {}),
  }
}

describe('ui', () => {
  test('slider shows a control, and its value is what a person chose last', () => {
    const { ui, outputs, choose, isInput } = open()
    const hours = ui.slider('Hours', { min: 1, max: 48, value: 24, description: 'back from now' })
    expect(outputs).toEqual([
      {
        kind: 'display',
        id: 'input-c1.1',
        data: {
          [inputMime]: {
            id: 'c1.1',
            kind: 'slider',
            label: 'Hours',
            description: 'back from now',
            initial: 24,
            value: 24,
            min: 1,
            max: 48,
            step: 1,
          },
          'text/plain': 'Hours: 24',
        },
      },
    ])
    expect([hours.value, hours.id, isInput(hours), Object.isFrozen(hours)]).toEqual([24, 'c1.1', true, true])
    choose('c1.1', 'slider', 'Hours', 30)
    expect(hours.value).toBe(30)
  })
  test('running the cell again keeps the value, where it still fits the same control', () => {
    const { ui, shown, choose, next } = open()
    ui.slider('Hours', { max: 48 })
    choose('c1.1', 'slider', 'Hours', 40)
    next()
    expect(ui.slider('Hours', { max: 50, value: 3 }).value).toBe(40)
    next()
    expect(ui.slider('Hours', { max: 30, value: 3 }).value).toBe(3)
    next()
    expect(ui.slider('Days', { max: 48, value: 5 }).value).toBe(5)
    next('c2')
    expect(ui.slider('Hours', { max: 48, value: 7 }).value).toBe(7)
    expect(shown().map(({ id, value, initial }) => [id, value, initial])).toEqual([
      ['c1.1', 0, 0],
      ['c1.1', 40, 3],
      ['c1.1', 3, 3],
      ['c1.1', 5, 5],
      ['c2.1', 7, 7],
    ])
  })
  test('every kind is a control by its schema, and reads its value in its own manner', () => {
    const { ui, shown, choose } = open()
    const rows = [
      { host: 'a', cpu: 1 },
      { host: 'b', cpu: 2 },
    ]
    const inputs = [
      ui.select('Host', ['web-1', 'web-2']),
      ui.select('Level', { low: 1, high: 2 }, { value: 2 }),
      ui.select('Hosts', ['a', 'b', 'c'], { multiple: true, value: ['b'] }),
      ui.text('Name', { value: 'x', placeholder: 'any', maxLength: 5 }),
      ui.date('From', { value: '2024-01-31', min: '2024-01-01' }),
      ui.table(rows, { select: 'single' }),
      ui.table(GuestTable.fromRows(rows), { label: 'Hosts' }),
      ui.button('Go'),
    ]
    for (const given of shown()) expect(control.parse(given)).toEqual(given)
    const values = (): unknown[] => inputs.map((input) => input.value)
    expect(values()).toEqual(['web-1', 2, ['b'], 'x', '2024-01-31', null, [], 0])
    choose('c1.1', 'select', 'Host', 'web-2')
    choose('c1.3', 'select', 'Hosts', ['a', 'c'])
    choose('c1.6', 'table', 'Rows', [1])
    choose('c1.7', 'table', 'Hosts', [1, 0])
    choose('c1.8', 'button', 'Go', 2)
    expect(values()).toEqual(['web-2', 2, ['a', 'c'], 'x', '2024-01-31', rows[1], [rows[1], rows[0]], 2])
  })
  test('a date is today unless that is out of its bounds', () => {
    const { ui } = open()
    expect(ui.date('Any').value).toMatch(/^\d{4}-\d{2}-\d{2}$/)
    expect([
      ui.date('Past', { max: '2000-01-01' }).value,
      ui.date('Later', { min: '9000-01-01' }).value,
    ]).toEqual(['2000-01-01', '9000-01-01'])
  })
  test('a large table shows its first rows', () => {
    const { ui, shown } = open()
    ui.table(GuestTable.fromRows(Array.from({ length: 2000 }, (_, v) => ({ v }))))
    ui.table(Array.from({ length: 400 }, () => ({ v: 'x'.repeat(10_000) })))
    expect(shown().map(({ rows, length }) => [(rows as Json[]).length, length])).toEqual([
      [500, 2000],
      [49, 400],
    ])
  })
  test.each<[string, (ui: ReturnType<typeof open>['ui']) => unknown, string]>([
    ['no label', (ui) => ui.slider(''), 'ui.slider: the label must be a text'],
    ['min over max', (ui) => ui.slider('S', { min: 2, max: 1 }), 'min, 2, must be below max, 1'],
    ['a value out of bounds', (ui) => ui.slider('S', { value: 101 }), 'value must be from 0 to 100, not 101'],
    ['between steps', (ui) => ui.slider('S', { step: 2, value: 3 }), 'must be 0 plus a multiple of 2, not 3'],
    ['no choices', (ui) => ui.select('S', []), 'takes 1 to 1000 choices'],
    ['choices twice', (ui) => ui.select('S', ['a', 'a']), 'must differ from each other'],
    ['objects as choices', (ui) => ui.select('S', [{}] as never), 'a choice is a text'],
    ['another choice', (ui) => ui.select('S', ['a'], { value: 'b' as never }), 'has no choice "b"'],
    ['no date', (ui) => ui.date('S', { value: '2024-02-30' }), 'must be a date such as "2024-01-31"'],
    ['a long text', (ui) => ui.text('S', { value: 'abc', maxLength: 2 }), 'at most 2 characters'],
    ['no rows', (ui) => ui.table([1] as never), 'takes a table, or a list of rows'],
    ['101 inputs', (ui) => Array.from({ length: 101 }, () => ui.button('B')), 'at most 100 inputs'],
  ])('%s is refused in words', (_, make, message) => expect(() => make(open().ui)).toThrow(message))
})
