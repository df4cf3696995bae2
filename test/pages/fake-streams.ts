/** Streams for the pages' tests: one that lives, one whose broker does not answer. */
import { viewTime } from '../../runtime/stream/disorder.ts'
import { edit, Fault, get, page, remove, type Answers } from './fake-answer.ts'
import * as data from './fake-data.ts'
import { digestAnswers } from './fake-digests.ts'
import { createLetters } from './fake-letters.ts'

/** A stream that gets messages as long as somebody looks. */
function toEvents(request: Request): Response {
  const encoder = new TextEncoder()
  let timer: NodeJS.Timeout | undefined
  const stop = (): void => clearInterval(timer)
  const body = new ReadableStream({
    start(controller) {
      let id = 0
      const tell = (): void =>
        controller.enqueue(
          encoder.encode(`id: ${++id}\nevent: messages\ndata: {"from":${id},"to":${id},"count":1}\n\n`),
        )
      tell()
      timer = setInterval(tell, 300)
    },
    cancel: stop,
  })
  request.signal.addEventListener('abort', stop)
  return new Response(body, {
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
  })
}

export function createStreams(
  now: number,
  full: boolean,
): { list: unknown[]; answers: Answers; events(request: Request): Response } {
  const letters = createLetters(now, full)
  let reads = 0
  const streams = full
    ? [
        data.newStream(now, { deadLetters: letters.count }),
        data.newStream(now, {
          id: 'stream-push',
          name: 'push from outside',
          source: { type: 'http' },
          state: 'backoff',
          lastError: 'The broker at localhost:5672 does not answer (ECONNREFUSED); trying again in 8 s.',
          rate: 0,
          messages: 0,
          deadLetters: 0,
        }),
      ]
    : []
  const made = new Set<string>()
  function look({ url = '', queue = '' }: { url?: string; queue?: string }) {
    const none = { messages: null, consumers: null, queueType: null, sample: [] }
    if (url.includes('@@')) throw new Fault(422, 'invalid', 'The address is none.', 'body.source.url')
    if (url.includes('nowhere')) return { ok: false, detail: 'The name nowhere cannot be resolved.', ...none }
    if (queue === 'missing' && !made.has(queue))
      return { ok: false, detail: "NOT_FOUND - no queue 'missing' in vhost '/'", ...none, missing: 'queue' }
    return {
      ok: true,
      detail: 'Connected; the queue is there.',
      messages: 1240,
      consumers: 0,
      queueType: 'quorum',
      sample: [{ value: 91.2 }],
    }
  }
  const answers: Answers = {
    findStreams: () => page(streams),
    getStream: ({ params }) => get(streams, params.id),
    createStream: ({ body }) => {
      const made = data.newStream(Date.now(), {
        ...(body as object),
        id: `stream-${streams.length + 1}`,
        state: 'starting',
        rate: 0,
        messages: 0,
        deadLetters: 0,
      })
      streams.push(made)
      return made
    },
    updateStream: (call) => edit(streams, call),
    deleteStream: ({ params }) => remove(streams, params.id),
    testStream: ({ body }) => look(body.source as { url?: string; queue?: string }),
    makeQueue: ({ body }) => {
      const source = body.source as { queue: string }
      made.add(source.queue)
      return look(source)
    },
    findMessages: () =>
      page(Array.from({ length: 30 }, (_, i) => data.newMessage(9_120 - i, Date.now() - i * 1000))),
    ...letters.answers,
    ...digestAnswers(now),
    getStreamRates: () => ({
      items: Array.from({ length: 60 }, (_, i) => ({
        at: Date.now() - (60 - i) * 5000,
        count: i < 40 ? 900 + i * 20 : i === 59 ? ++reads : 5,
        bytes: 1000,
      })),
    }),
    getStreamTime: () =>
      viewTime(
        Array.from({ length: 300 }, (_, i) => ({
          seq: i + 1,
          eventTime: now - 600_000 + i * 2000 - (i % 50 === 49 ? 45_000 : 0),
          receivedAt: now - 600_000 + i * 2000,
        })),
        { bound: 0, lateness: 30_000 },
      ),
  }
  return { list: streams, answers, events: toEvents }
}
