import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../runtime/clock.ts'
import { AppError } from '../../runtime/error.ts'
import type { MessageLog, NewMessage } from '../../runtime/store/log.ts'
import { openStore } from '../../runtime/store/open.ts'
import type { Store } from '../../runtime/store/port.ts'
import { createDurable } from '../../runtime/stream/durable.ts'
import { readFrames, writeFrame } from '../../runtime/stream/frame.ts'
import { createIdentities } from '../../runtime/stream/identity.ts'
import type { Record } from '../../runtime/stream/record.ts'
import { createLogWriter } from '../../runtime/stream/writer.ts'
import { until } from './until.ts'

let folder: string
let store: Store
let log: MessageLog
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'suricate-writer-'))
  store = await openStore({ data: folder })
  await store.system.migrate()
  await store.system.createWorkspace({ id: 'w1', name: 'One', createdAt: 1 })
  log = store.in('w1').log
})
afterAll(async () => {
  await store.close()
  await rm(folder, { recursive: true, force: true })
})

function record(body: string, more: Partial<NewMessage> = {}, dead?: string): Record {
  const message: NewMessage = {
    body,
    headers: {},
    key: null,
    eventTime: 1,
    receivedAt: 1,
    messageId: null,
    redelivered: false,
    definition: 1,
    bytes: 1,
    hash: `hash of ${body}`,
    ...more,
  }
  return dead === undefined ? { message } : { message, dead }
}
const bodies = async (stream: string) => (await log.read(stream, 1, 100)).map((one) => one.body)

describe('createLogWriter', () => {
  test('another owner waits until the lease is given back, and then knows what was stored', async () => {
    const first = createLogWriter({ log, stream: 'a', owner: 'first', clock: systemClock })
    const second = createLogWriter({ log, stream: 'a', owner: 'second', clock: systemClock })
    await first.acquire()
    await first.commit(first.prepare([record('1', { messageId: 'm1' })]))
    expect(await second.acquire()).toBeUndefined()
    await first.release()
    await second.acquire()
    const batch = second.prepare([record('1', { messageId: 'm1' }), record('2', { messageId: 'm2' })])
    expect(await second.commit(batch)).toEqual({
      accepted: 1,
      duplicates: 1,
      deadLetters: 0,
      firstSeq: 2,
      lastSeq: 2,
    })
    await expect(first.commit(first.prepare([record('3')]))).rejects.toMatchObject({ code: 'fenced' })
    expect(await bodies('a')).toEqual(['1', '2'])
  })
  test('holds the stream only when it knows what the log holds', async () => {
    const before = createLogWriter({ log, stream: 'x', owner: 'one', clock: systemClock })
    await before.acquire()
    await before.commit(before.prepare([record('1', { messageId: 'm1' })]))
    await before.release()
    const { promise: read, resolve: goOn } = Promise.withResolvers<void>()
    const slow: MessageLog = { ...log, head: async (name) => read.then(() => log.head(name)) }
    const writer = createLogWriter({ log: slow, stream: 'x', owner: 'two', clock: systemClock })
    const acquired = writer.acquire()
    await until(async () => (await log.lease('x', 'three', systemClock.now(), 1000)) === undefined)
    expect(writer.held).toBe(false)
    const early = writer.commit(writer.prepare([record('1', { messageId: 'm1' })]))
    await expect(early).rejects.toMatchObject({ code: 'fenced' })
    goOn()
    await acquired
    expect(writer.held).toBe(true)
    expect(writer.prepare([record('1', { messageId: 'm1' })]).outcomes).toEqual(['duplicate'])
    expect(await bodies('x')).toEqual(['1'])
  })
  test('an append that was stored but seemed to fail is not stored twice', async () => {
    let failures = 2
    const flaky: MessageLog = {
      ...log,
      async append(...args) {
        const result = await log.append(...args)
        if (failures-- > 0) throw new AppError('unavailable', 'The connection was lost.')
        return result
      },
    }
    const writer = createLogWriter({ log: flaky, stream: 'b', owner: 'one', clock: systemClock })
    await writer.acquire()
    const batch = writer.prepare([record('1'), record('?', {}, 'unreadable')])
    await expect(writer.commit(batch)).rejects.toMatchObject({ code: 'unavailable' })
    await expect(writer.commit(batch)).rejects.toMatchObject({ code: 'unavailable' })
    expect(await writer.commit(batch)).toMatchObject({ accepted: 1, deadLetters: 1, lastSeq: 1 })
    await writer.commit(writer.prepare([record('2')]))
    expect([await bodies('b'), await bodies('b/dead')]).toEqual([['1', '2'], ['?']])
  })
  test('without ids only what is flagged and was stored unacknowledged is a repeat, in order', async () => {
    const writer = createLogWriter({ log, stream: 'c', owner: 'one', clock: systemClock })
    await writer.acquire()
    await writer.commit(writer.prepare([record('old'), record('a'), record('b')]))
    const again = { redelivered: true }
    const outcomes = (...records: Record[]) => writer.prepare(records).outcomes
    await writer.setAcknowledged(1)
    expect(
      outcomes(record('a', again), record('a'), record('b', again), record('b', again), record('old', again)),
    ).toEqual(['duplicate', 'new', 'duplicate', 'new', 'new'])
    await writer.setAcknowledged(1)
    // The batch does not begin again: it was acknowledged after all.
    expect(outcomes(record('b', again), record('a', again))).toEqual(['new', 'new'])
  })
})

describe('createIdentities', () => {
  test('knows at least the last generation', () => {
    const identities = createIdentities(3)
    for (let i = 1; i <= 7; i++) identities.add(`m${i}`)
    expect(['m3', 'm4', 'm5', 'm6', 'm7', 'm8'].map((id) => identities.isKnown(id))).toEqual([
      false,
      true,
      true,
      true,
      true,
      false,
    ])
  })
})

describe('createDurable', () => {
  test('writes in place while the store refuses, tells it, and knows an unclean end', async () => {
    let refuses = false
    const troubles: (string | null)[] = []
    const failing: MessageLog = {
      ...log,
      append: (...args) =>
        refuses ? Promise.reject(new AppError('unavailable', 'The disk is full.')) : log.append(...args),
    }
    const open = (owner: string) =>
      createDurable({
        log: failing,
        stream: 'd',
        owner,
        clock: systemClock,
        onStored: () => undefined,
        onTrouble: (message) => troubles.push(message),
      })
    const { signal } = new AbortController()
    const durable = open('one')
    expect(await durable.ready(signal)).toMatchObject({ clean: true, notes: {} })
    refuses = true
    const writing = durable.write([record('1')], undefined, signal)
    await until(() => durable.counters.retries >= 3)
    refuses = false
    expect(await writing).toMatchObject({ accepted: 1, lastSeq: 1 })
    expect(troubles[0]).toBe('The store cannot be written, trying again: The disk is full.')
    expect(troubles.at(-1)).toBeNull()
    await durable.close()

    const next = open('two')
    expect(await next.ready(signal)).toMatchObject({ clean: false })
    await next.settled({ bindings: [] })
    expect(await next.ready(signal)).toMatchObject({ clean: true, notes: { bindings: [] } })
    await next.close()
  })
  test('insert: between the batches of the source, each once, and none of it counts as acknowledged', async () => {
    const durable = createDurable({
      log,
      stream: 'f',
      owner: 'one',
      clock: systemClock,
      onStored: () => undefined,
      onTrouble: () => undefined,
    })
    const { signal } = new AbortController()
    await expect(durable.insert([[record('early')]], signal)).rejects.toMatchObject({ code: 'unavailable' })
    await durable.ready(signal)
    const many = Array.from({ length: 20 }, (_, i) => i)
    const groups = (i: number) => [
      [record(`a${i}`, { messageId: `a${i}` }), record(`b${i}`, { messageId: `b${i}` })],
      [record(`a${i}`, { messageId: `a${i}` })],
    ]
    const [inserted] = await Promise.all([
      Promise.all(many.map((i) => durable.insert(groups(i), signal))),
      Promise.all(many.map((i) => durable.write([record(`${i}`, { messageId: `${i}` })], undefined, signal))),
    ])
    const shares = inserted.map((both) => both.map(({ accepted, duplicates }) => [accepted, duplicates]))
    expect(shares).toEqual(
      many.map(() => [
        [2, 0],
        [0, 1],
      ]),
    )
    const stored = await bodies('f')
    expect(stored.length).toBe(60)
    expect(new Set(stored)).toEqual(new Set(many.flatMap((i) => [`a${i}`, `b${i}`, `${i}`])))
    for (const both of inserted)
      expect(stored.slice(both[0]!.firstSeq - 1, both[0]!.lastSeq)[0]).toMatch(/^a/)
    expect((await log.head('f')).ackedSeq).toBeLessThan(stored.length)
    await durable.close()
  })
  test('ready waits while the store refuses, and ends with the signal', async () => {
    const refusing: MessageLog = {
      ...log,
      append: () => Promise.reject(new AppError('unavailable', 'The disk is full.')),
    }
    const durable = createDurable({
      log: refusing,
      stream: 'e',
      owner: 'one',
      clock: systemClock,
      onStored: () => undefined,
      onTrouble: () => undefined,
    })
    const stopping = new AbortController()
    const ready = durable.ready(stopping.signal)
    await until(() => durable.counters.retries >= 2)
    stopping.abort()
    await expect(ready).rejects.toMatchObject({ code: 'cancelled' })
    await durable.close()
  })
})

describe('frames', () => {
  test('arrive whole, however they are cut', async () => {
    const from = new PassThrough()
    writeFrame(from, { text: 'é'.repeat(10) })
    writeFrame(from, [1])
    from.end()
    const cut = new PassThrough()
    void (async () => {
      for await (const chunk of from as AsyncIterable<Buffer>)
        for (const byte of chunk) cut.write(Buffer.from([byte]))
      cut.end()
    })()
    expect(await Array.fromAsync(readFrames(cut))).toEqual([{ text: 'é'.repeat(10) }, [1]])
  })
  test('one that is too long is refused before it is read', async () => {
    const from = new PassThrough()
    from.write(Buffer.from([0xff, 0xff, 0xff, 0xff]))
    await expect(Array.fromAsync(readFrames(from))).rejects.toThrow('A frame of 4294967295 bytes')
  })
})
