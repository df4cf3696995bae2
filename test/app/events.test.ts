import { expect, test } from 'vitest'
import { eventStream } from '../../app/api/events.ts'
import type { ServerEvent } from '../../app/api/handler.ts'

async function* numbers(after: string | null): AsyncGenerator<ServerEvent> {
  for (let n = Number(after ?? 0) + 1; n <= 3; n++) yield { id: String(n), event: 'number', data: { n } }
}

test('eventStream writes id, event and data, and closes with its source', async () => {
  const response = eventStream({ signal: new AbortController().signal, lastEventId: null }, numbers)
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  expect(await response.text()).toBe(
    ': connected\n\n' + [1, 2, 3].map((n) => `id: ${n}\nevent: number\ndata: {"n":${n}}\n\n`).join(''),
  )
})

test('eventStream goes on after the last event that the client saw', async () => {
  const response = eventStream({ signal: new AbortController().signal, lastEventId: '2' }, numbers)
  expect(await response.text()).toBe(': connected\n\nid: 3\nevent: number\ndata: {"n":3}\n\n')
})

test('eventStream ends its source when the client goes', async () => {
  const ended = Promise.withResolvers<void>()
  async function* endless(_: string | null, signal: AbortSignal): AsyncGenerator<ServerEvent> {
    try {
      while (!signal.aborted) {
        yield { event: 'tick', data: null }
        await new Promise((resolve) => setImmediate(resolve))
      }
    } finally {
      ended.resolve()
    }
  }
  const response = eventStream({ signal: new AbortController().signal, lastEventId: null }, endless)
  const reader = response.body!.getReader()
  await reader.read()
  await reader.cancel()
  await ended.promise
})
