/** Lines in the format of `bpftrace -f json`, as its documentation has them. */
import { expect, test } from 'vitest'
import { parseOutput, splitKey } from '../../cli/collect/bpftrace-output.ts'
import { prepareScript } from '../../cli/collect/tracer.ts'

const read = (line: string, cleared = true) => parseOutput(line, { isCleared: () => cleared })

test.each<[line: string, reading: unknown[]]>([
  [
    '{"type": "attached_probes", "data": {"probes": 2}}',
    [{ kind: 'note', level: 'info', text: '2 probes are attached.' }],
  ],
  [
    '{"type": "lost_events", "data": {"events": 7}}',
    [{ kind: 'note', level: 'error', text: '7 events were lost: print less, or less often.' }],
  ],
  [
    '{"type": "map", "data": {"@": 3}}',
    [{ kind: 'counts', name: '@', total: false, items: [{ key: [], value: 3 }] }],
  ],
  [
    '{"type": "map", "data": {"@reads": {"bash": 4, "node,12": 5}}}',
    [
      {
        kind: 'counts',
        name: '@reads',
        total: false,
        items: [
          { key: ['bash'], value: 4 },
          { key: ['node', '12'], value: 5 },
        ],
      },
    ],
  ],
  [
    '{"type": "stats", "data": {"@s": {"bash": {"count": 2, "average": 3, "total": 6}}}}',
    [{ kind: 'counts', name: '@s', total: false, items: [{ key: ['bash'], value: 6 }] }],
  ],
  [
    '{"type": "stats", "data": {"@s": {"count": 2, "average": 3, "total": 6}}}',
    [{ kind: 'counts', name: '@s', total: false, items: [{ key: [], value: 6 }] }],
  ],
  [
    '{"type": "hist", "data": {"@us": {"bash": [{"max": -1, "count": 1}, {"min": 0, "max": 0, "count": 2}, {"min": 4, "max": 7, "count": 3}]}}}',
    [
      {
        kind: 'histogram',
        name: '@us',
        scale: 'log2',
        total: false,
        items: [
          {
            key: ['bash'],
            buckets: [
              { from: null, to: 0, count: 1 },
              { from: 0, to: 1, count: 2 },
              { from: 4, to: 8, count: 3 },
            ],
          },
        ],
      },
    ],
  ],
  [
    '{"type": "hist", "data": {"@b": [{"max": -1, "count": 0}, {"min": 0, "max": 99, "count": 2}, {"min": 100, "count": 1}]}}',
    [
      {
        kind: 'histogram',
        name: '@b',
        scale: 'linear',
        total: false,
        items: [
          {
            key: [],
            buckets: [
              { from: null, to: 0, count: 0 },
              { from: 0, to: 100, count: 2 },
              { from: 100, to: null, count: 1 },
            ],
          },
        ],
      },
    ],
  ],
  [
    '{"type": "lhist", "data": {"@b": [{"min": 2, "max": 3, "count": 2}]}}',
    [
      {
        kind: 'histogram',
        name: '@b',
        scale: 'linear',
        total: false,
        items: [{ key: [], buckets: [{ from: 2, to: 4, count: 2 }] }],
      },
    ],
  ],
  ['{"type": "printf", "data": "hello\\n"}', [{ kind: 'text', text: 'hello' }]],
  ['{"type": "time", "data": "12:00:00\\n"}', [{ kind: 'text', text: '12:00:00' }]],
  ['{"type": "value", "data": 5}', [{ kind: 'text', text: '5' }]],
  ['no JSON', [{ kind: 'text', text: 'no JSON' }]],
  ['[1]', [{ kind: 'text', text: '[1]' }]],
  ['{"type": "map"}', []],
  ['{"type": "map", "data": 3}', []],
  ['', []],
])('parseOutput of %s', (line, reading) => {
  expect(read(line)).toEqual(reading)
})
test('parseOutput says that what is not cleared is a total', () => {
  expect(read('{"type": "map", "data": {"@": 3}}', false)[0]).toMatchObject({ total: true })
})
test('splitKey takes tuples apart', () => {
  expect([splitKey(''), splitKey('a'), splitKey('(a, 1)'), splitKey('a,b')]).toEqual([
    [],
    ['a'],
    ['a', '1'],
    ['a', 'b'],
  ])
})
test('prepareScript prints and clears what only counts, where the script prints nothing itself', () => {
  const script = 'kprobe:f { @start[tid] = nsecs; @n[comm] = count(); }'
  const prepared = prepareScript(script, 1)
  expect(prepared.text).toBe(`${script}\ninterval:s:1 { print(@n); clear(@n); }\n`)
  expect([prepared.isCleared('@n'), prepared.isCleared('@start')]).toEqual([true, false])
  expect(prepareScript('kprobe:f { @ = count(); }', 0.5).text).toContain('interval:ms:500')
  const own = 'kprobe:f { @ = count(); } interval:s:5 { print(@); }'
  expect(prepareScript(own, 1).text).toBe(`${own}\n`)
})
