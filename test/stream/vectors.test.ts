import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Json } from '../../runtime/json.ts'
import type { Operator, OperatorConfig, OperatorResult } from '../../runtime/stream/operator.ts'
import { createOperator } from '../../runtime/stream/window-operator.ts'

type Item = { id: string; value: number }
interface Vector {
  id: string
  title: string
  config: OperatorConfig & {
    trigger?: { type: string; earlyCount?: number; earlyEveryMs?: number }
    watermark: { perPartition?: boolean }
    window: { type: string }
  }
  input: { type?: string; id: string; ts: number; key: string; value: number; at?: number }[]
  expected?: {
    panes: Json[]
    rejected: Json[]
    counts: Json
    alarms: Json[]
    finalWatermark: number | string
  }
  expectedError?: string
}
const file = new URL('window-vectors.json', import.meta.url)
const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: Vector[] }
const isMine = ({ config: { window, watermark, trigger } }: Vector): boolean =>
  (window.type === 'tumbling' || window.type === 'hopping') &&
  watermark.type === 'bounded' &&
  !watermark.perPartition &&
  trigger?.earlyCount === undefined &&
  trigger?.earlyEveryMs === undefined
const mine = vectors.filter(isMine)

function run(vector: Vector, restart: boolean): Json {
  const state = new Map<string, Json>()
  let operator: Operator<Item> = createOperator(vector.config)
  const panes: Json[] = []
  const rejected: Json[] = []
  const alarms: Json[] = []
  for (const [after, input] of vector.input.entries()) {
    const result: OperatorResult<Item> =
      input.type === 'end'
        ? operator.end()
        : operator.add({
            ts: input.ts,
            key: input.key,
            at: input.at ?? 0,
            value: { id: input.id, value: input.value },
          })
    for (const { items, key, ...pane } of result.panes) {
      const values = items.map((item) => item.value)
      panes.push({
        after,
        ...pane,
        key: key ?? '',
        count: items.length,
        sum: values.reduce((a, b) => a + b, 0),
        min: values.length ? Math.min(...values) : null,
        max: values.length ? Math.max(...values) : null,
        ids: items.map((item) => item.id),
      })
    }
    if (result.rejected) rejected.push({ id: input.id, reason: result.rejected })
    if (result.alarm) alarms.push({ after, ...result.alarm })
    if (!restart) continue
    for (const [key, value] of Object.entries(operator.changes()))
      if (value === null) state.delete(key)
      else state.set(key, JSON.parse(JSON.stringify(value)) as Json)
    const clocks = JSON.parse(JSON.stringify(operator.clocks())) as Json
    operator = createOperator(vector.config, { clocks, state })
  }
  const W = operator.watermark
  return {
    panes,
    rejected,
    counts: { ...operator.counters },
    alarms,
    finalWatermark: W === Infinity ? '+inf' : W === -Infinity ? '-inf' : W,
  }
}

describe('createOperator against the reference cases', () => {
  const good = mine.filter((vector) => vector.expected)
  test.each(good.map((v) => [v.id, v.title, v] as const))('%s %s', (_id, _title, vector) => {
    expect(run(vector, false)).toEqual(vector.expected)
  })
  test.each(good.map((v) => [v.id, v] as const))(
    '%s, saved and restored after every input',
    (_id, vector) => {
      expect(run(vector, true)).toEqual(vector.expected)
    },
  )
  const bad = mine.filter((vector) => vector.expectedError)
  test.each(bad.map((v) => [v.id, v.title, v] as const))('%s %s', (_id, _title, vector) => {
    expect(() => createOperator(vector.config)).toThrow(vector.expectedError)
  })
  test('the cases for other windows, watermarks and triggers are left, by name', () => {
    expect(vectors.filter((v) => !isMine(v)).map((v) => v.id)).toEqual(
      'S01 S02 S04 E01 E02 E03 E05 E08 G01 G02 G04 G05 G07 G08 G09 W01 W02 W04 W05 W06 W08 X03'.split(' '),
    )
  })
})
