/**
 * What one handler has of its own: the window operator or the join, the state of its keys, the watermark of a handler
 * without a window whose states expire, and what it learned. Restored from the last commit.
 */
import { AppError } from '../error.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import { toMilliseconds } from '../sdk/duration.ts'
import type { Message } from '../store/log.ts'
import { createJoin, type Join } from '../stream/join.ts'
import type { Operator } from '../stream/operator.ts'
import { createOperator } from '../stream/window-operator.ts'
import {
  type Input,
  isTimed,
  streamsOf,
  toAlarmedConfig,
  toJoinConfig,
  toOperatorConfig,
  type toStreamMessage,
} from './input.ts'
import { createKeyedState, type KeyedState } from './keyed-state.ts'
import { createLearner, type Learner, type LearnerContext } from './learner.ts'

export type Item = ReturnType<typeof toStreamMessage>
export interface Lane {
  input: Input
  streams: Set<string>
  operator: Operator<Item> | null
  join: Join<Item> | null
  /** Watermark alone, where states expire without a window. */
  clock: Operator<null> | null
  /** The arrival clock alone can make something happen. */
  timed: boolean
  states: KeyedState
  expires: boolean
  learner: Learner | null
  pending: Message[]
}

export function watermarkOf({ operator, join, clock }: Lane): number {
  return (operator ?? join ?? clock)?.watermark ?? -Infinity
}

export function restoreLanes(
  inputs: Input[],
  saved: JsonObject | undefined,
  state: Iterable<[string, Json]>,
  context: Omit<LearnerContext, 'index'>,
): Lane[] {
  const clocks = Array.isArray(saved?.operators) ? saved.operators : undefined
  const learned = Array.isArray(saved?.learned) ? saved.learned : []
  if (clocks && clocks.length !== inputs.length)
    throw new AppError(
      'conflict',
      `The notebook registers ${inputs.length} handlers; at the last commit it had ${clocks.length}. Make a new deployment.`,
    )
  const parts = inputs.map(() => ({
    w: [] as [string, Json][],
    s: [] as [string, Json][],
    t: [] as [string, Json][],
  }))
  for (const [key, value] of state) {
    const match = /^(\d+) ([swt]) ([\s\S]*)$/.exec(key)
    if (match) parts[Number(match[1])]?.[match[2] as 's' | 'w' | 't'].push([match[3]!, value])
  }
  return inputs.map((input, index) => {
    const { expire, maxKeys, learn } = input.spec ?? {}
    const { w, s, t } = parts[index]!
    const earlier = clocks?.[index]
    const restore = isJsonObject(earlier) ? { clocks: earlier, state: w } : undefined
    const joined = toJoinConfig(input)
    const alone = expire !== undefined && !joined && !input.window
    const config = input.window
      ? toAlarmedConfig(input, input.window)
      : toOperatorConfig(input, { type: 'count', size: 1 })
    return {
      input,
      streams: new Set(streamsOf(input).map(({ id }) => id)),
      operator: input.window ? createOperator<Item>(config, restore) : null,
      join: joined ? createJoin<Item>(joined, restore) : null,
      clock: alone ? createOperator<null>(config, restore && { clocks: restore.clocks, state: [] }) : null,
      timed: joined ? isTimed(joined) : (input.window !== null || alone) && isTimed(config),
      expires: expire !== undefined,
      states: createKeyedState({
        index,
        stream: input.stream.name,
        expireMs: expire === undefined ? undefined : toMilliseconds(expire),
        maxKeys,
        state: s,
        touched: t,
      }),
      learner: learn ? createLearner(learn, { ...context, index }, learned[index]) : null,
      pending: [],
    }
  })
}
