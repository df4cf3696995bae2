import type { OpenAPIHono } from '@hono/zod-openapi'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { type ApiOptions, createApi } from '../../app/api/api.ts'
import { letterHandlers } from '../../app/api/letters.ts'
import { streamHandlers } from '../../app/api/streams.ts'
import { letterOperations } from '../../runtime/api/letters.ts'
import { type Stream, streamOperations } from '../../runtime/api/streams.ts'
import { systemClock } from '../../runtime/clock.ts'
import { log } from '../action/opened.ts'
import { openRig, type Rig } from '../stream/rig.ts'

let rig: Rig
let app: OpenAPIHono
beforeAll(async () => {
  rig = await openRig()
  await rig.store.system.createWorkspace({ id: 'w2', name: 'Two', createdAt: 1 })
  app = createApi({
    handlers: { ...streamHandlers(rig), ...letterHandlers(rig) } as unknown as ApiOptions['handlers'],
    store: rig.store,
    clock: systemClock,
    log,
    version: '0',
    authenticate: (request) =>
      Promise.resolve({
        workspace: request.headers.get('authorization') ?? 'w1',
        member: 'm',
        name: 'M',
        role: 'owner',
        rights: ['read', 'write', 'run', 'admin'],
        projects: null,
        platformOwner: false,
      }),
  })
})
afterAll(() => rig?.close())

async function call(
  method: string,
  path: string,
  body?: unknown,
  headers: { [name: string]: string } = {},
): Promise<{ status: number; body: unknown; etag: string | null }> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await app.request(`http://localhost/api/v1${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: text }),
  })
  const answer = await response.text()
  return {
    status: response.status,
    body: answer === '' ? null : JSON.parse(answer),
    etag: response.headers.get('etag'),
  }
}
const matches = (schema: z.ZodType, value: unknown): void => {
  expect(schema.parse(value)).toEqual(value)
}

describe('/streams', () => {
  test('create, push, read, rates, dead letters, change and delete answer by their schemas', async () => {
    const made = await call('POST', '/streams', {
      name: 'readings',
      source: { type: 'http' },
      eventTime: { path: 't' },
    })
    expect(made.status).toBe(201)
    matches(streamOperations.createStream.response, made.body)
    const { id } = made.body as Stream
    const pushed = await call('POST', `/streams/${id}/messages`, [{ t: 1 }, { t: 2 }, { v: 3 }])
    expect(pushed).toMatchObject({
      status: 200,
      body: { accepted: 2, duplicates: 0, deadLetters: 1, lastSeq: 2 },
    })
    const read = await call('GET', `/streams/${id}/messages?from=1970-01-01&to=2`)
    matches(streamOperations.findMessages.response, read.body)
    expect(read.body).toMatchObject({ items: [{ seq: 1, body: { t: 1 } }], nextCursor: null })
    const dead = await call('GET', `/streams/${id}/dead-letters`)
    matches(letterOperations.findDeadLetters.response, dead.body)
    expect(dead.body).toMatchObject({ items: [{ raw: '{"v":3}' }] })
    const again = await call('POST', `/streams/${id}/dead-letters/replay`, { reason: 'event time' })
    matches(letterOperations.replayDeadLetters.response, again.body)
    const reason = 'The message has no event time: field "t" is missing.'
    expect(again.body).toEqual({ results: [{ letter: 1, state: 'failed', reason, seq: null }], next: null })
    const preview = await call('POST', '/streams/preview', {
      definition: { format: 'ndjson', eventTime: { path: 't' }, key: { path: 'k' } },
      text: '{"t":5,"k":"a"}\n{"k":"b"}',
    })
    matches(streamOperations.previewMessage.response, preview.body)
    const none = { messageId: null, key: null }
    expect(preview.body).toEqual({
      events: [
        { ...none, body: { t: 5, k: 'a' }, key: 'a', eventTime: 5, reason: null },
        { ...none, body: '{"k":"b"}', eventTime: null, reason },
      ],
      count: 2,
    })
    const rates = await call('GET', `/streams/${id}/rates`)
    matches(streamOperations.getStreamRates.response, rates.body)
    const seen = await call('GET', `/streams/${id}/time?messages=10`)
    matches(streamOperations.getStreamTime.response, seen.body)
    expect(seen.body).toMatchObject({ messages: 2, outOfOrder: 0, proposed: 0 })
    expect(await call('PATCH', `/streams/${id}`, { lateness: 5 })).toMatchObject({ status: 428 })
    const changed = await call('PATCH', `/streams/${id}`, { lateness: 5 }, { 'if-match': made.etag! })
    matches(streamOperations.updateStream.response, changed.body)
    expect(changed.body).toMatchObject({ lateness: 5, messages: 2, deadLetters: 1, definition: 2 })
    matches(streamOperations.findStreams.response, (await call('GET', '/streams')).body)
    expect(await call('DELETE', `/streams/${id}`)).toMatchObject({ status: 204, body: null })
    expect(await call('GET', `/streams/${id}`)).toMatchObject({ status: 404 })
  })
  test('a body that is no JSON, too large, or for another workspace’s stream has its problem', async () => {
    const made = await call('POST', '/streams', { name: 'strict', source: { type: 'http' } })
    const { id } = made.body as Stream
    const push = (body: string, headers = {}) => call('POST', `/streams/${id}/messages`, body, headers)
    expect(await push('{')).toMatchObject({ status: 422, body: { code: 'invalid' } })
    expect(await push(`"${'x'.repeat(2_000_000)}"`)).toMatchObject({
      status: 413,
      body: { code: 'too-large' },
    })
    const definition = { name: 'x', source: { type: 'amqp', url: 'http://x', queue: 'q' } }
    expect(await call('POST', '/streams', definition)).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'body.source.url' }] },
    })
    expect(await push('1', { authorization: 'w2' })).toMatchObject({ status: 404 })
    expect(await call('POST', '/streams', { name: 'strict', source: { type: 'http' } })).toMatchObject({
      status: 409,
    })
  })
  test('test of a definition answers by its schema and says what is wrong', async () => {
    const source = { type: 'amqp', url: 'amqp://127.0.0.1:1', queue: 'q' }
    const tested = await call('POST', '/streams/test', { source })
    matches(streamOperations.testStream.response, tested.body)
    expect(tested).toMatchObject({
      status: 200,
      body: { ok: false, detail: 'Nothing listens at this host and port.' },
    })
  })
})
