/**
 * The order in which messages of several streams and the ticks of the arrival clock come to handlers; pure, so that a
 * replay has the one that was live. Streams are merged by arrival. A tick comes at each whole second of a silence, after
 * an hour of it at each minute, after a day at each hour: what is stored of arrival says where they lie.
 */
import type { Message } from '../store/log.ts'

const second = 1000
const minute = 60_000
const hour = 3_600_000

/** The next tick after `clock`; `heard`: arrival of the newest message. */
export function nextTick(clock: number, heard: number): number {
  const silence = clock - heard
  const step = silence < hour ? second : silence < 24 * hour ? minute : hour
  return (Math.floor(clock / step) + 1) * step
}

export interface Buffered {
  stream: string
  messages: Message[]
  /** Position of the next one. */
  next: number
}
/** The one whose next message arrived first; of equal ones the first in the list. */
export function pickFirst(buffers: readonly Buffered[]): Buffered | undefined {
  let best: Buffered | undefined
  let at = Infinity
  for (const buffer of buffers) {
    const message = buffer.messages[buffer.next]
    if (message && message.receivedAt < at) {
      best = buffer
      at = message.receivedAt
    }
  }
  return best
}

/** Pages of several streams as one sequence by arrival; `cut`: the page of that stream ended. */
export async function* mergeArrival(
  pages: { stream: string; pages: AsyncIterator<Message[]> }[],
): AsyncGenerator<{ stream: string; message: Message; cut: boolean }> {
  const buffers = pages.map((one) => ({ ...one, messages: [] as Message[], next: 0 }))
  const fill = async (buffer: (typeof buffers)[number]): Promise<void> => {
    while (buffer.next >= buffer.messages.length) {
      const found = await buffer.pages.next()
      buffer.messages = found.done ? [] : found.value
      buffer.next = 0
      if (found.done) return
    }
  }
  for (const buffer of buffers) await fill(buffer)
  for (;;) {
    const first = pickFirst(buffers) as (typeof buffers)[number] | undefined
    if (!first) return
    const message = first.messages[first.next]!
    first.next += 1
    const cut = first.next >= first.messages.length
    yield { stream: first.stream, message, cut }
    if (cut) await fill(first)
  }
}
