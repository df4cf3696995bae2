/**
 * Idempotency-Key: the first answer to a key is kept for a day and given again, so that a client may repeat a POST
 * whose answer it did not get. The key's document is inserted before the work, so two at once start one thing.
 */
import { createHash } from 'node:crypto'
import type { Clock } from '../../runtime/clock.ts'
import { AppError, isAppError } from '../../runtime/error.ts'
import type { Json } from '../../runtime/json.ts'
import type { WorkspaceStore } from '../../runtime/store/port.ts'

const keptMs = 86_400_000
/** A key whose work never answered (the process died) may be used again after this. */
const pendingMs = 300_000

export interface Answer {
  status: number
  value: Json
  headers: { [name: string]: string }
}

export async function answerOnce(
  store: WorkspaceStore,
  clock: Clock,
  call: { key: string; operation: string; target: string; member: string; body: string },
  work: () => Promise<Answer>,
): Promise<Answer> {
  if (call.key.length > 200)
    throw new AppError('invalid', 'The Idempotency-Key has more than 200 characters.')
  const id = digest(`${call.member}\n${call.operation}\n${call.key}`)
  const request = digest(`${call.target}\n${call.body}`)
  const now = clock.now()
  try {
    await store.insert('idempotency', [
      { id, request, answer: null, startedAt: now, expiresAt: now + keptMs },
    ])
  } catch (error) {
    if (!isAppError(error, 'conflict')) throw error
    const earlier = await store.maybe('idempotency', id)
    if (!earlier) return answerOnce(store, clock, call, work)
    if (earlier['request'] !== request)
      throw new AppError('invalid', 'This Idempotency-Key was used for another request. Use a new key.')
    if (earlier['answer']) return earlier['answer'] as unknown as Answer
    if (now - Number(earlier['startedAt']) < pendingMs)
      throw new AppError(
        'conflict',
        'A request with this Idempotency-Key is still running. Try again in a moment.',
      )
    await store.delete('idempotency', { id })
    return answerOnce(store, clock, call, work)
  }
  let answer: Answer
  try {
    answer = await work()
  } catch (error) {
    await store.delete('idempotency', { id })
    throw error
  }
  // From here on the work is done: the key stays, whatever becomes of the answer.
  try {
    await store.update('idempotency', id, { set: { answer: { ...answer } } })
  } catch (error) {
    if (!isAppError(error, 'too-large') && !isAppError(error, 'invalid')) throw error
    await store.update('idempotency', id, { set: { answer: { ...lost, headers: answer.headers } } })
  }
  return answer
}

const lost: Answer = {
  status: 409,
  value: {
    type: 'urn:suricate:error:conflict',
    title: 'Done before',
    status: 409,
    code: 'conflict',
    detail:
      'This was done under this Idempotency-Key, but its answer was too large to be kept. Read what it made.',
  },
  headers: {},
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
