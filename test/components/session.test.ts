import { describe, expect, test } from 'vitest'
import {
  applySession,
  emptySession,
  toExecuted,
  type Session,
  type SessionEvent,
} from '../../components/notebook/session.ts'
import type { ExecutionSummary, Kernel, Output } from '../../runtime/api/runs.ts'

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
      since: 1,
      error: null,
      receipt: null,
      startedAt: 5,
      source: null,
      ranAt: null,
    })
    expect(applySession(again, { type: 'output', output: output(2, 'new') }).cells.a).toMatchObject({
      outputs: [output(2, 'new')],
      old: false,
    })
    expect(applySession(again, ended('e2')).cells.a).toMatchObject({ outputs: [], state: 'ok' })
  })
  test('outputs that are read while a cell runs: those of before are old, those of the run take their place', () => {
    const running = after({ type: 'output', output: output(1, 'old') }, started('e2'))
    const before = applySession(running, { type: 'loaded', items: [output(1, 'old')], lastSeq: 1 })
    expect(before.cells.a).toMatchObject({ outputs: [output(1, 'old')], old: true, state: 'running' })
    const made = applySession(before, { type: 'output', output: output(2, 'new') })
    expect(made.cells.a!.outputs).toEqual([output(2, 'new')])
    const both = { type: 'loaded' as const, items: [output(1, 'old'), output(2, 'new')], lastSeq: 2 }
    expect(applySession(running, both).cells.a).toMatchObject({ outputs: [output(2, 'new')], old: false })
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
  test('what waits no longer is told for some alone; a cell that had failed has failed', () => {
    const failed = after(started('e1'), ended('e1', false), { type: 'queued', cells: ['a', 'b'] })
    const withError = { ...failed, cells: { ...failed.cells, a: { ...failed.cells.a!, error } } }
    const some = applySession(withError, { type: 'dequeued', cells: ['a'] })
    expect([some.cells.a!.state, some.cells.b!.state]).toEqual(['error', 'queued'])
  })
})

const error = { name: 'Error', message: 'no' }
const ran = (cell: string, source: string, at: number): ExecutionSummary => ({
  execution: `e-${cell}`,
  state: 'ok',
  value: null,
  error: null,
  receipt: null,
  cell,
  source,
  at,
})

describe('toExecuted', () => {
  const alive: SessionEvent = { type: 'kernel', kernel: kernel({}) }
  test('has what the kernel told, and what ran since, by the times of the server', () => {
    const session = after(
      alive,
      { type: 'executed', items: [ran('a', '1', 10), ran('b', '2', 20)] },
      { type: 'started', cell: 'a', execution: null, at: 5, source: '3' },
    )
    expect([...toExecuted(session)]).toEqual([
      ['a', { source: '3', at: 5 }],
      ['b', { source: '2', at: 20 }],
    ])
    const done = applySession(session, { ...ended('e2'), source: '3', at: 30 } as SessionEvent)
    expect(toExecuted(done).get('a')).toEqual({ source: '3', at: 30 })
  })
  test('outlives that the outputs are read again', () => {
    const session = after(
      alive,
      { type: 'executed', items: [ran('a', '1', 10), ran('b', '2', 20)] },
      { type: 'loaded', items: [output(1, 'x')], lastSeq: 1 },
    )
    expect([...toExecuted(session).keys()].toSorted()).toEqual(['a', 'b'])
  })
  test('a kernel that died, was restarted or lost cells holds nothing of them', () => {
    const session = after(alive, { type: 'executed', items: [ran('a', '1', 10), ran('b', '2', 20)] })
    const dead = applySession(session, { type: 'kernel', kernel: kernel({ state: 'dead' }) })
    const restarted = applySession(session, { type: 'forgotten' })
    const lost = applySession(session, {
      type: 'kernel',
      kernel: kernel({ lost: { reason: 'memory', cells: ['a'] } }),
    })
    expect([dead, restarted, lost].map((one) => [...toExecuted(one).keys()])).toEqual([[], [], ['b']])
  })
})
