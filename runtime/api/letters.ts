/** Dead letters: what could not be used of a stream, why, and what came of it when it was replayed. */
import { z } from 'zod'
import { idParams, operation, page, pageQuery, time } from './operation.ts'
import { message } from './streams.ts'

const seq = z.number().int()
/** replaying: begun and not ended, here or by a process that died. duplicate: its ids are in the log already. */
const letterState = z.enum(['replaying', 'replayed', 'duplicate', 'failed'])
const reason = z.string().nullable()
export const deadLetter = message.extend({
  /** Why it cannot be used; of the last attempt. */
  reason: z.string(),
  /** As it came. */
  raw: z.string(),
  encoding: z.enum(['utf-8', 'base64']),
  replay: z
    .object({ state: letterState, at: time, definition: seq, seq: seq.nullable(), reason })
    .nullable()
    .describe('of the last attempt; seq: of its first message in the log'),
})
export type DeadLetter = z.infer<typeof deadLetter>
export const letterResult = z.object({ letter: seq, state: letterState, reason, seq: seq.nullable() })
export type LetterResult = z.infer<typeof letterResult>
const part = z.string().max(500).describe('a part of the reason; case does not count')

export const letterOperations = {
  findDeadLetters: operation({
    method: 'get',
    path: '/streams/{id}/dead-letters',
    tag: 'streams',
    summary: 'What could not be used, newest first, with its reason; with a filter a page may be short',
    scope: 'read',
    params: idParams,
    query: pageQuery.extend({
      reason: part.optional(),
      open: z.enum(['true', 'false']).optional().describe('true: only those that are not replayed'),
    }),
    response: page(deadLetter),
  }),
  replayDeadLetters: operation({
    method: 'post',
    path: '/streams/{id}/dead-letters/replay',
    tag: 'streams',
    summary: 'Read dead letters again by the definition of today and append them; safe to repeat',
    scope: 'write',
    params: idParams,
    body: z.union([
      z.object({ seqs: z.array(seq.min(1)).min(1).max(200) }),
      z.object({
        reason: part.describe('all that are not replayed and have this in their reason; empty: all'),
        from: seq.min(1).default(1).describe('seq of the letter to begin with: `next` of the answer before'),
      }),
    ]),
    response: z.object({
      results: z.array(letterResult),
      next: seq.nullable().describe('by reason: where to go on; null: no more'),
    }),
  }),
}
