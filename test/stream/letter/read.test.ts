import { describe, expect, test } from 'vitest'
import { streamDefinition } from '../../../runtime/api/streams.ts'
import type { StoredStream } from '../../../runtime/stream/definition.ts'
import { readLetter } from '../../../runtime/stream/letter/read.ts'
import { toPushed } from '../../../runtime/stream/pushed.ts'
import { toRecords } from '../../../runtime/stream/record.ts'

const now = Date.UTC(2026, 0, 1, 10)
const arrived = now - 5000
function newStream(spec: object): StoredStream {
  const definition = streamDefinition.parse({ name: 's', source: { type: 'http' }, ...spec })
  return { ...definition, id: 's', type: 'http', definition: 1, enabled: true, createdAt: 1, revision: 1 }
}
const timed = { eventTime: { path: 'at' } }
function letterOf(spec: object, bytes: Uint8Array, more: object = {}) {
  const base = {
    headers: { a: 1 },
    messageId: null,
    redelivered: false,
    receivedAt: arrived,
    timestamp: null,
  }
  const [record] = toRecords(newStream(spec), { bytes, ...base, ...more })
  expect(record!.dead).toBeDefined()
  return { ...record!.message, seq: 7 }
}
const read = (spec: object, letter: ReturnType<typeof letterOf>) => readLetter(newStream(spec), letter, now)

describe('readLetter', () => {
  test('bytes that are no text come back as they were', () => {
    const bytes = Buffer.from([0x81, 0xa1, 0x61, 0x01])
    expect(read({ format: 'msgpack' }, letterOf({ format: 'json' }, bytes))).toMatchObject([
      { body: { a: 1 }, headers: { a: 1, 'x-suricate-dead-letter': 7 }, receivedAt: now, eventTime: arrived },
    ])
  })
  test('the time that its source gave is kept', () => {
    const letter = letterOf(timed, Buffer.from('{"v":1}'), { timestamp: 1234 })
    expect(read({}, letter)).toMatchObject([{ eventTime: 1234, receivedAt: now }])
  })
  test('a time ahead is measured against the arrival of the letter', () => {
    const letter = letterOf({ ...timed, maxFuture: 1000 }, Buffer.from(`{"at":${now}}`))
    expect(read({ ...timed, maxFuture: 4000 }, letter)).toBe(
      'The event time lies 5 s ahead of arrival; at most 4 s.',
    )
    expect(read({ ...timed, maxFuture: 6000 }, letter)).toMatchObject([{ eventTime: now }])
  })
  test('what was pushed as something else than the definition says is read as that', () => {
    const stream = newStream({ ...timed, format: 'text' })
    const [record] = toPushed(stream, Buffer.from('{"t":5}'), 'application/json', arrived)
    const letter = { ...record!.message, seq: 1 }
    expect(readLetter({ ...stream, eventTime: { path: 't' } }, letter, now)).toMatchObject([
      { body: { t: 5 }, eventTime: 5 },
    ])
  })
  test('what was cut, or is no event of its kind, cannot be read again', () => {
    const large = letterOf({}, Buffer.alloc(33_554_433, 32))
    expect(read({}, large)).toBe('Only its first 4 MiB were kept; it has to be sent again.')
    const letter = letterOf({}, Buffer.from('x'), { format: 'otlp' })
    expect(read({}, letter)).toBe('What was sent as otlp and is none has to be sent again.')
  })
})
