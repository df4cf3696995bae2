import type { letterOperations } from '../../runtime/api/letters.ts'
import type { Streams } from '../../runtime/stream/streams.ts'
import type { Handlers } from './handler.ts'

export function letterHandlers({ streams }: { streams: Streams }): Handlers<keyof typeof letterOperations> {
  return {
    findDeadLetters: ({ actor, params, query: { open, ...query } }) =>
      streams.deadLetters(actor.workspace, params.id, {
        ...query,
        ...(open === undefined ? {} : { open: open === 'true' }),
      }),
    replayDeadLetters: ({ actor, params, body }) => streams.replay(actor.workspace, params.id, body),
  }
}
