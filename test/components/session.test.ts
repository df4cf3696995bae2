import { describe, expect, test } from 'vitest'
import {
  applySession,
  emptySession,
  type Session,
  type SessionEvent,
} from '../../components/notebook/session.ts'
import type { Kernel, Output } from '../../runtime/api/runs.ts'

const output = (seq: number, text: string): Output => ({
  seq,
  cell: 'a',
  kind: 'stdout',
  data: { 'text/plain': text },
  at: 0,
})
const kernel = (patch: Partial<Kernel>): Kernel => ({
  id: 'k1',
  notebook: 'n',
  state: 'idle',
  reason: null,
  execution: null,
  cell: null,
  memoryBytes: 0,
  startedAt: 0,
  lost: null,
  lastSeq: 0,
  ...patch,
})
const after = (...events: SessionEvent[]): Session => events.reduce(applySession, emptySession)
const ended = (execution: string, ok = true): SessionEvent => ({
  type: 'ended',
  cell: 'a',
  execution,
  ok,
  error: null,
  receipt: null,
})
const started = (execution: string | null): SessionEvent => ({ type: 'started', cell: 'a', execution, at: 5 })

describe('applySession', () => {
  test('a cell that runs again keeps its old outputs until the first new one', () => {
    const again = after({ type: 'output', output: output(1, 'old') }, started('e2'))
    expect(again.cells.a).toEqual({
      state: 'running',
      execution: 'e2',
      outputs: [output(1, 'old')],
      old: true,
      error: null,
      receipt: null,
      startedAt: 5,
    })
    expect(applySession(again, { type: 'output', output: output(2, 'new') }).cells.a).toMatchObject({
      outputs: [output(2, 'new')],
      old: false,
    })
    expect(applySession(again, ended('e2')).cells.a).toMatchObject({ outputs: [], state: 'ok' })
  })
  test('an output comes once, though two sources tell it', () => {
    const twice = after(
      { type: 'output', output: output(1, 'x') },
      { type: 'output', output: output(1, 'x') },
    )
    expect(twice.cells.a!.outputs).toEqual([output(1, 'x')])
  })
  test('the start of an execution told after its end changes nothing', () => {
    const late = after(started(null), ended('e1'), started('e1'))
    expect(late.cells.a).toMatchObject({ state: 'ok', execution: 'e1' })
  })
  test('the end of an earlier execution does not end a later one', () => {
    expect(after(started('e2'), ended('e1')).cells.a).toMatchObject({ state: 'running', execution: 'e2' })
  })
  test('a kernel that dies ends what ran and what waited', () => {
    const died = after(
      { type: 'kernel', kernel: kernel({}) },
      started('e1'),
      { type: 'queued', cells: ['b'] },
      { type: 'kernel', kernel: kernel({ state: 'dead', reason: 'memory' }) },
    )
    expect([died.cells.a!.state, died.cells.b!.state]).toEqual(['error', 'error'])
  })
  test('another kernel counts its outputs anew', () => {
    const other = after(
      { type: 'output', output: output(40, 'x') },
      { type: 'kernel', kernel: kernel({ id: 'k2', lastSeq: 3 }) },
      { type: 'output', output: output(4, 'y') },
    )
    expect(other.lastSeq).toBe(4)
  })
  test('what waits and is not run goes back to what it was', () => {
    const back = after({ type: 'queued', cells: ['a'] }, { type: 'dequeued' })
    expect(back.cells.a!.state).toBe('idle')
  })
})
