import { expect, test } from 'vitest'
import type { Output } from '../../runtime/api/runs.ts'
import { Journal } from '../../runtime/run/journal.ts'

function open() {
  const stored: Output[] = []
  const told: Output[] = []
  const journal = new Journal({
    outputs: {
      insert: (_workspace, _owner, _cell, items) => Promise.resolve(void stored.push(...items)),
      retire: () => Promise.resolve(),
      change: () => Promise.resolve(),
      find: () => Promise.resolve({ items: [], lastSeq: 0 }),
    },
    workspace: 'w1',
    owner: 'run',
    cell: null,
    after: 0,
    now: () => 5,
    onOutput: (output) => told.push(output),
    onError: (error) => expect.fail(String(error)),
  })
  return { journal, stored, told }
}
const text = 'x'.repeat(8 * 1024 * 1024)

test('add: beyond 64 MB outputs are dropped, told once; errors still come', async () => {
  const { journal, stored, told } = open()
  for (let i = 0; i < 20; i++) journal.add({ cell: 'c1', kind: 'display', data: { 'text/html': text } })
  journal.add({ cell: 'c2', kind: 'error', data: { 'text/plain': 'Error: x' } })
  const kinds = journal.items().map(({ seq, kind }) => [seq, kind])
  expect(kinds).toEqual([
    ...[1, 2, 3, 4, 5, 6, 7].map((seq) => [seq, 'display']),
    [8, 'stderr'],
    [9, 'error'],
  ])
  expect(journal.items()[7]!.data['text/plain']).toContain('more than 64 MB')
  await journal.close()
  expect(stored).toEqual(journal.items())
  expect(told).toHaveLength(9)
})
test('add: what replaces an earlier output takes its room, and numbers go on', () => {
  const { journal } = open()
  const add = (append?: boolean): Output =>
    journal.add({
      cell: 'c1',
      kind: 'display',
      data: { 'text/html': text },
      id: 'a',
      ...(append && { append }),
    })
  for (let i = 0; i < 50; i++) add()
  expect(journal.items().map(({ seq, kind }) => [seq, kind])).toEqual([[50, 'display']])
})
