import { expect, test } from 'vitest'
import type { Person } from '../../runtime/api/presence.ts'
import { openPresence, type Seen } from '../../runtime/run/presence.ts'

function open() {
  let now = 0
  const topics: string[] = []
  const told: [string, Person[]][] = []
  const presence = openPresence({
    bus: { publish: (workspace, { topic }) => topics.push(`${workspace} ${topic}`) },
    clock: { now: () => now },
    tell: (workspace, notebook, people) => told.push([`${workspace} ${notebook}`, people]),
  })
  return { presence, topics, told, pass: (ms: number) => (now += ms) }
}
const seen = (tab: string, cell: string | null = null, member = 'm1'): Seen => ({
  tab,
  member,
  name: `name of ${member}`,
  kind: 'person',
  cell,
})
const person = (tab: string, cell: string | null = null, member = 'm1'): Person => ({
  id: tab,
  name: `name of ${member}`,
  cell,
  kind: 'person',
})

test('see() tells who is there and where, and tells the others of changes alone', () => {
  const { presence, topics, told } = open()
  expect(presence.see('w', 'n', seen('tab-one1', 'c1'))).toEqual([person('tab-one1', 'c1')])
  presence.see('w', 'n', seen('tab-one1', 'c1'))
  expect(presence.see('w', 'n', seen('tab-two2', null, 'm2'))).toEqual([
    person('tab-one1', 'c1'),
    person('tab-two2', null, 'm2'),
  ])
  presence.see('w', 'n', seen('tab-one1', 'c2'))
  expect(topics).toEqual(Array.from({ length: 3 }, () => 'w presence/n'))
  expect(told.at(-1)).toEqual(['w n', [person('tab-one1', 'c2'), person('tab-two2', null, 'm2')]])
  expect([presence.find('w', 'other'), presence.find('w2', 'n')]).toEqual([[], []])
})

test('a page is gone when it says so, or nothing for two minutes; its name is its own', () => {
  const { presence, told, pass } = open()
  presence.see('w', 'n', seen('tab-one1'))
  presence.see('w', 'n', seen('tab-two2'))
  pass(100_000)
  presence.see('w', 'n', seen('tab-two2'))
  presence.sweep()
  expect(presence.find('w', 'n')).toHaveLength(2)
  pass(30_000)
  presence.sweep()
  expect(presence.find('w', 'n')).toEqual([person('tab-two2')])
  expect(presence.leave('w', 'n', { tab: 'tab-two2', member: 'm2' })).toHaveLength(1)
  expect(presence.leave('w', 'n', { tab: 'tab-two2', member: 'm1' })).toEqual([])
  expect(told.map(([, people]) => people.length)).toEqual([1, 2, 1, 0])
})

test('at most 50 pages are kept of a notebook, the newest', () => {
  const { presence } = open()
  for (let i = 0; i < 60; i++) presence.see('w', 'n', seen(`tab-${i}`))
  const people = presence.find('w', 'n')
  expect([people.length, people[0]!.id, people.at(-1)!.id]).toEqual([50, 'tab-10', 'tab-59'])
})
