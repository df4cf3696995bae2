import { describe, expect, test } from 'vitest'
import {
  apply,
  type KernelEffect,
  type KernelOperation,
  type KernelState,
  newKernel,
} from '../../runtime/run/kernel-state.ts'

const publish: KernelEffect = { do: 'publish' }
const starting: KernelState = { state: 'starting', reason: null, current: null, queue: [] }
const idle: KernelState = { ...starting, state: 'idle' }
const busy: KernelState = { state: 'busy', reason: null, current: 'a', queue: ['b', 'c'] }
const fail = (execution: string, reason: string): KernelEffect => ({ do: 'fail', execution, reason })

describe('apply to a kernel', () => {
  test('open starts a dead one and nothing else', () => {
    expect(apply(newKernel, { type: 'open' })).toEqual({
      kernel: starting,
      effects: [{ do: 'open' }, publish],
    })
    for (const kernel of [starting, idle, busy])
      expect(apply(kernel, { type: 'open' })).toEqual({ kernel, effects: [] })
  })
  test('opened makes it idle, or busy with what waited', () => {
    expect(apply(starting, { type: 'opened' })).toEqual({ kernel: idle, effects: [publish] })
    expect(apply({ ...starting, queue: ['a', 'b'] }, { type: 'opened' })).toEqual({
      kernel: { state: 'busy', reason: null, current: 'a', queue: ['b'] },
      effects: [publish, { do: 'run', execution: 'a' }],
    })
    expect(apply(busy, { type: 'opened' })).toEqual({ kernel: busy, effects: [] })
  })
  test('execute runs, waits, or starts a dead one first', () => {
    const operation: KernelOperation = { type: 'execute', execution: 'x' }
    expect(apply(idle, operation)).toEqual({
      kernel: { ...idle, state: 'busy', current: 'x' },
      effects: [publish, { do: 'run', execution: 'x' }],
    })
    expect(apply(busy, operation)).toEqual({ kernel: { ...busy, queue: ['b', 'c', 'x'] }, effects: [] })
    expect(apply(starting, operation)).toEqual({ kernel: { ...starting, queue: ['x'] }, effects: [] })
    expect(apply({ ...newKernel, reason: 'gone' }, operation)).toEqual({
      kernel: { ...starting, queue: ['x'] },
      effects: [{ do: 'open' }, publish],
    })
  })
  test('ended goes on with the next, or dies with all that waited', () => {
    const ended = { type: 'ended', execution: 'a', alive: true, reason: '' } as const
    expect(apply(busy, ended)).toEqual({
      kernel: { ...busy, current: 'b', queue: ['c'] },
      effects: [publish, { do: 'run', execution: 'b' }],
    })
    expect(apply({ ...busy, queue: [] }, ended)).toEqual({ kernel: idle, effects: [publish] })
    expect(apply(busy, { ...ended, alive: false, reason: 'memory' })).toEqual({
      kernel: { state: 'dead', reason: 'memory', current: null, queue: [] },
      effects: [fail('b', 'memory'), fail('c', 'memory'), { do: 'close' }, publish],
    })
    expect(apply(busy, { ...ended, execution: 'old' })).toEqual({ kernel: busy, effects: [] })
  })
  test('died ends all with the reason, once', () => {
    expect(apply(busy, { type: 'died', reason: 'killed' })).toEqual({
      kernel: { state: 'dead', reason: 'killed', current: null, queue: [] },
      effects: [fail('a', 'killed'), fail('b', 'killed'), fail('c', 'killed'), { do: 'close' }, publish],
    })
    const dead = { ...newKernel, reason: 'first' }
    expect(apply(dead, { type: 'died', reason: 'second' })).toEqual({ kernel: dead, effects: [] })
  })
  test('interrupt reaches what runs and drops what waits', () => {
    const reason = 'Not run: the kernel was interrupted.'
    expect(apply(busy, { type: 'interrupt' })).toEqual({
      kernel: { ...busy, queue: [] },
      effects: [{ do: 'interrupt' }, fail('b', reason), fail('c', reason)],
    })
    expect(apply(idle, { type: 'interrupt' })).toEqual({ kernel: idle, effects: [] })
  })
  test('restart and close end everything; restart opens again', () => {
    const reason = 'Not finished: the kernel was restarted.'
    const effects = ['a', 'b', 'c'].map((execution) => fail(execution, reason))
    expect(apply(busy, { type: 'restart' })).toEqual({
      kernel: starting,
      effects: [...effects, { do: 'close' }, { do: 'open' }, publish],
    })
    expect(apply(idle, { type: 'close', reason: 'idle' })).toEqual({
      kernel: { ...newKernel, reason: 'idle' },
      effects: [{ do: 'close' }, publish],
    })
  })
  test('in every sequence each execution runs or fails once, one at a time', () => {
    const operations: ((state: KernelState, n: number) => KernelOperation)[] = [
      (_, n) => ({ type: 'execute', execution: `e${n}` }),
      () => ({ type: 'opened' }),
      (state) => ({ type: 'ended', execution: state.current ?? '-', alive: true, reason: '' }),
      (state) => ({ type: 'ended', execution: state.current ?? '-', alive: false, reason: 'memory' }),
      () => ({ type: 'died', reason: 'killed' }),
      () => ({ type: 'interrupt' }),
      () => ({ type: 'restart' }),
    ]
    const walk = (kernel: KernelState, asked: string[], told: string[], depth: number): void => {
      expect(kernel.state === 'busy').toBe(kernel.current !== null)
      const open = [...(kernel.current === null ? [] : [kernel.current]), ...kernel.queue]
      expect(open.toSorted()).toEqual(asked.filter((execution) => !told.includes(execution)).toSorted())
      expect(new Set(told).size).toBe(told.length)
      if (depth === 0) return
      for (const make of operations) {
        const operation = make(kernel, asked.length)
        const next = apply(kernel, operation)
        const failed = next.effects.flatMap((effect) => (effect.do === 'fail' ? [effect.execution] : []))
        const ended =
          operation.type === 'ended' && kernel.current === operation.execution ? [operation.execution] : []
        const more = operation.type === 'execute' ? [operation.execution] : []
        walk(next.kernel, [...asked, ...more], [...told, ...ended, ...failed], depth - 1)
      }
    }
    walk(newKernel, [], [], 5)
  })
})
