import { describe, expect, test } from 'vitest'
import { createChanges } from '../../components/input/context.ts'
import { applySession, emptySession, type SessionEvent } from '../../components/notebook/session.ts'
import { inputMime } from '../../runtime/api/inputs.ts'
import type { Json } from '../../runtime/json.ts'

describe('createChanges', () => {
  function open() {
    const sent: { value: Json; answer: PromiseWithResolvers<void> }[] = []
    const changes = createChanges((_, value) => {
      const answer = Promise.withResolvers<void>()
      sent.push({ value, answer })
      return answer.promise
    })
    return { sent, changes, values: () => sent.map(({ value }) => value) }
  }
  test('sends one change at a time, and of those that came meanwhile the last', async () => {
    const { sent, changes, values } = open()
    const all = [1, 2, 3, 4].map((value) => changes.set('a', value))
    expect(values()).toEqual([1])
    sent[0]!.answer.resolve()
    await sent[0]!.answer.promise
    await Promise.resolve()
    expect(values()).toEqual([1, 4])
    sent[1]!.answer.resolve()
    await Promise.all(all)
    expect(values()).toEqual([1, 4])
  })
  test('of two inputs each goes its own way; one that was refused can be changed again', async () => {
    const { sent, changes, values } = open()
    const refused = changes.set('a', 1)
    const other = changes.set('b', 2)
    sent[0]!.answer.reject(new Error('no'))
    sent[1]!.answer.resolve()
    await expect(refused).rejects.toThrow('no')
    await other
    void changes.set('a', 3)
    expect(values()).toEqual([1, 2, 3])
  })
})

describe('applySession', () => {
  const control = { id: 'c1.1', kind: 'button', label: 'Go', value: 0, initial: 0 }
  const output = { seq: 1, cell: 'c1', kind: 'display' as const, data: { [inputMime]: control }, at: 0 }
  const events: SessionEvent[] = [
    { type: 'started', cell: 'c1', execution: 'e', at: 5, source: 'x' },
    { type: 'output', output },
    { type: 'ended', cell: 'c1', execution: 'e', ok: true, error: null, receipt: null },
    { type: 'started', cell: 'c2', execution: 'f', at: 6, source: 'y' },
  ]
  test('input: its output has the new value, and its cell is as if it had run', () => {
    const before = events.reduce(applySession, emptySession)
    const after = applySession(before, { type: 'input', id: 'c1.1', value: 3, cell: 'c1', at: 9 })
    expect([after.cells['c1']!.outputs, after.cells['c1']!.ranAt, after.cells['c2']!.ranAt]).toEqual([
      [{ ...output, data: { [inputMime]: { ...control, value: 3 } } }],
      9,
      6,
    ])
    const again = applySession(after, { type: 'input', id: 'c1.1', value: 4 })
    expect([again.cells['c1']!.ranAt, again.lastSeq]).toEqual([9, 1])
  })
})
