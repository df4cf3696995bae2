/**
 * Server-sent events: one response that follows a source. A client that comes back with Last-Event-ID goes on after
 * it. The source is ended when the client goes; a slow client makes the source wait, so no buffer grows.
 */
import type { ServerEvent } from './handler.ts'

const heartbeatMs = 15_000
/** UTF-16 units. */
const maxPiece = 65_536

export function eventStream(
  call: { signal: AbortSignal; lastEventId: string | null; release?: (() => void) | undefined },
  source: (lastEventId: string | null, signal: AbortSignal) => AsyncIterable<ServerEvent>,
): Response {
  const gone = new AbortController()
  const signal = AbortSignal.any([call.signal, gone.signal])
  let held = true
  const release = (): void => {
    if (held) call.release?.()
    held = false
  }
  if (signal.aborted) release()
  else signal.addEventListener('abort', release, { once: true })
  const encoder = new TextEncoder()
  const iterator = source(call.lastEventId, signal)[Symbol.asyncIterator]()
  let pending: Promise<IteratorResult<ServerEvent>> | undefined
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(encoder.encode(': connected\n\n'))
    },
    async pull(controller) {
      pending ??= iterator.next()
      const heartbeat = Promise.withResolvers<'heartbeat'>()
      const timer = setTimeout(() => heartbeat.resolve('heartbeat'), heartbeatMs)
      try {
        const next = await Promise.race([pending, heartbeat.promise])
        if (next === 'heartbeat') {
          controller.enqueue(encoder.encode(': waiting\n\n'))
          return
        }
        pending = undefined
        if (next.done) {
          release()
          controller.close()
          return
        }
        let text = toText(next.value)
        // what is there already goes with it, in one piece
        while (text.length < maxPiece) {
          pending = iterator.next()
          const more = await Promise.race([pending, passTurns()])
          if (!more || more.done) break
          pending = undefined
          text += toText(more.value)
        }
        controller.enqueue(encoder.encode(text))
      } catch (error) {
        release()
        if (signal.aborted) controller.close()
        else controller.error(error)
      } finally {
        clearTimeout(timer)
      }
    },
    async cancel() {
      gone.abort()
      await iterator.return?.()
    },
  })
  return new Response(body, {
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
  })
}

/** Longer than a source takes that waits for nothing. */
async function passTurns(): Promise<undefined> {
  for (let turn = 0; turn < 8; turn++) await Promise.resolve()
}

function toText(event: ServerEvent): string {
  const id = event.id === undefined ? '' : `id: ${event.id}\n`
  return `${id}event: ${event.event}\ndata: ${JSON.stringify(event.data)}\n\n`
}
