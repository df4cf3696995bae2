/**
 * One call of a handler as it was when an action fired, under the same clock, seed, state and replies of the host. The
 * actions that it asks for are told beside those that it asked for then; none of them leaves.
 */
import { AppError } from '../error.ts'
import type { Json, JsonObject } from '../json.ts'
import type { Passage } from '../run/services.ts'
import type { OutboxEntry } from '../store/log.ts'
import type { Caller } from './handler.ts'
import { type FoundInstant, toTold } from './instants.ts'

export async function callAgain(
  { registrations }: Pick<Passage, 'registrations'>,
  caller: Caller,
  instant: FoundInstant,
  own: readonly string[],
): Promise<{ result: JsonObject; messages: number }> {
  const { index, late, now, seed, context } = instant
  const registration = registrations[index]
  const handler = late ? registration?.options.late : registration?.handler
  if (handler === undefined)
    throw new AppError(
      'conflict',
      `The action fired in the ${late ? 'late handler of the ' : ''}handler ${index + 1} of the notebook, which registers ${registrations.length} now.`,
    )
  const input = JSON.parse(instant.input) as JsonObject
  const state = JSON.parse(instant.state) as Json
  const answer = await caller.invoke({ call: { handler, now, seed, input }, context }, state)
  const after = answer.state === undefined ? '' : JSON.stringify(answer.state)
  const would = [JSON.stringify(answer.row), JSON.stringify(answer.entries), after]
  const did = [instant.row, instant.entries, instant.after]
  const result = {
    fires: answer.entries.length > 0,
    same: would.every((text, i) => text === did[i]),
    would: { row: answer.row, actions: answer.entries.map(toTold), state: answer.state ?? state },
    did: {
      row: JSON.parse(instant.row) as Json,
      actions: (JSON.parse(instant.entries) as OutboxEntry[]).map(toTold),
      state: instant.after === '' ? state : (JSON.parse(instant.after) as Json),
    },
    askedAnew: [...own],
  }
  return { result, messages: countMessages(input) }
}

function countMessages({ messages, message }: JsonObject): number {
  if (Array.isArray(messages)) return messages.length
  return message ? 1 : 0
}
