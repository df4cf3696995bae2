import { describe, expect, test } from 'vitest'
import type { ProbeMessage, Reading } from '../../../runtime/api/probe-message.ts'
import { addMessage, joint, newResult, type Result } from '../../../components/probe/result.ts'

const say = (reading: Reading, at = 1000): ProbeMessage =>
  ({ at, host: 'web 1', collector: 'col_1', job: null, ...reading }) as ProbeMessage
const add = (...readings: Reading[]): Result =>
  readings.reduce<Result>((result, reading, i) => addMessage(result, say(reading, 1000 + i)), newResult())
const cpu = (utilisation: number): Reading => ({
  kind: 'resources',
  items: [
    {
      kind: 'cpu',
      name: 'all',
      utilisation,
      saturation: 1,
      saturationUnit: 'waiting',
      errors: null,
      rate: null,
    },
  ],
})
const counts = (name: string, total: boolean, items: [string[], number][]): Reading => ({
  kind: 'counts',
  name,
  total,
  items: items.map(([key, value]) => ({ key, value })),
})
const histogram = (total: boolean, ...found: [number, number, number][]): Reading => ({
  kind: 'histogram',
  name: '@bytes',
  scale: 'linear',
  total,
  items: [{ key: ['read'], buckets: found.map(([from, to, count]) => ({ from, to, count })) }],
})
const ofRead = (result: Result) => result.distributions.get('@bytes')!.columns.get('read')!

describe('addMessage', () => {
  test('readings of /proc are the newest ones; the result before stays as it was', () => {
    const before = add(cpu(0.5))
    const link = { from: 'a', to: 'b', strength: 2 }
    const now = addMessage(before, say({ kind: 'links', unit: 'bytes/s', items: [link] }, 900))
    expect(now).toEqual({ ...before, messages: 2, at: 1000, links: [link], linkUnit: 'bytes/s' })
    expect(add(cpu(0.5), cpu(0.7)).resources.map((one) => one.utilisation)).toEqual([0.7])
    expect(before).toEqual({ ...newResult(), messages: 1, at: 1000, resources: before.resources })
  })
  test('counts add up; totals since the start take the place of those before', () => {
    const added = add(
      counts('@n', false, [[['x'], 2]]),
      counts('@n', false, [
        [['x'], 3],
        [['y'], 1],
      ]),
    )
    expect([...added.counts.get('@n')!]).toEqual([
      ['x', 5],
      ['y', 1],
    ])
    const total = add(counts('@n', true, [[['x'], 2]]), counts('@n', true, [[['y'], 7]]))
    expect([...total.counts.get('@n')!]).toEqual([['y', 7]])
  })
  test('a map over two keys is a graph too, the strongest first', () => {
    const {
      links,
      linkUnit,
      counts: held,
    } = add(
      counts('@sent', false, [
        [['nginx', 'node'], 2],
        [['node', 'mongod'], 9],
      ]),
    )
    expect({ links, linkUnit }).toEqual({
      links: [
        { from: 'node', to: 'mongod', strength: 9 },
        { from: 'nginx', to: 'node', strength: 2 },
      ],
      linkUnit: '@sent',
    })
    expect(held.get('@sent')!.get(`nginx${joint}node`)).toBe(2)
  })
  test('a distribution is a column for each message', () => {
    expect(ofRead(add(histogram(false, [0, 10, 4]), histogram(false, [0, 10, 1])))).toEqual([
      { at: 1000, buckets: [{ from: 0, to: 10, count: 4 }] },
      { at: 1001, buckets: [{ from: 0, to: 10, count: 1 }] },
    ])
  })
  test('totals become what came since; one that fell was cleared', () => {
    const columns = ofRead(
      add(
        histogram(true, [0, 10, 4], [10, 20, 1]),
        histogram(true, [0, 10, 9], [10, 20, 1]),
        histogram(true, [0, 10, 3]),
      ),
    )
    expect(columns.map(({ buckets }) => buckets.map(({ from, count }) => [from, count]))).toEqual([
      [
        [0, 4],
        [10, 1],
      ],
      [[0, 5]],
      [[0, 3]],
    ])
  })
  test('what a script prints and what went wrong are kept as they came', () => {
    const { texts, notes } = add(
      { kind: 'text', text: 'Attaching 2 probes...' },
      { kind: 'note', level: 'error', text: 'Lost 5 events' },
    )
    expect({ texts, notes }).toEqual({
      texts: ['Attaching 2 probes...'],
      notes: [{ at: 1001, level: 'error', text: 'Lost 5 events' }],
    })
  })
  test('every list has a bound: keys, maps, columns, lines', () => {
    const keys = Array.from({ length: 600 }, (_, i): [string[], number] => [[`k${i}`], 1])
    const readings: Reading[] = [counts('@n', false, keys)]
    for (let i = 0; i < 250; i++)
      readings.push(
        histogram(false, [0, 10, i]),
        { kind: 'text', text: `${i}` },
        counts(`@map${i}`, false, [[['x'], 1]]),
      )
    const result = add(...readings)
    expect([
      result.counts.get('@n')!.size,
      result.counts.size,
      ofRead(result).length,
      ofRead(result).at(-1)!.buckets[0]!.count,
      result.texts.length,
      result.texts.at(-1),
    ]).toEqual([500, 40, 120, 249, 200, '249'])
  })
})
