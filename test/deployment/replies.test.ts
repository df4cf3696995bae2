import { describe, expect, test } from 'vitest'
import { openRecords } from '../../runtime/deployment/records.ts'
import {
  createReplyLog,
  fromReplies,
  giveReplies,
  refuseWrite,
  takeReplies,
} from '../../runtime/deployment/replies.ts'
import { AppError } from '../../runtime/error.ts'
import type { Json } from '../../runtime/json.ts'
import type { HostCall, HostFunction } from '../../runtime/sandbox/port.ts'

const call = (signal = new AbortController().signal): HostCall => ({
  binary: [],
  signal,
  cell: null,
  step: 0,
})
/** `fetch` whose answers come when their turn is, by the order that the test gives. */
function createHost() {
  const open = new Map<Json, PromiseWithResolvers<void>>()
  let count = 0
  const fetch: HostFunction = async ([url]) => {
    const gate = Promise.withResolvers<void>()
    open.set(url!, gate)
    await gate.promise
    count += 1
    return { value: `${String(url)} ${count}` }
  }
  return { table: { fetch }, answer: (url: string) => open.get(url)!.resolve() }
}
/** What came, in the order in which it came. */
async function race(fetch: HostFunction, urls: string[], answer?: (url: string) => void): Promise<Json[]> {
  const came: Json[] = []
  const all = urls.map((url) => fetch([url], call()).then(({ value }) => came.push(value)))
  await Promise.resolve()
  for (const url of urls.toReversed()) answer?.(url)
  await Promise.all(all)
  return came
}

describe('replies of the host', () => {
  test('that were asked for at once come again in the order in which they came', async () => {
    const { table, answer } = createHost()
    const log = createReplyLog()
    const live = await race(takeReplies(table, () => log)['fetch']!, ['a', 'b', 'c'], answer)
    expect(live).toEqual(['c 1', 'b 2', 'a 3'])
    const source = fromReplies(log.replies)
    const none = { fetch: () => Promise.reject(new Error('The host is asked.')) }
    expect(await race(giveReplies(none, () => source)['fetch']!, ['a', 'b', 'c'])).toEqual(live)
  })
  test('those of equal questions are given in their order, and the host is asked for the rest', async () => {
    let count = 0
    const table = { fetch: () => Promise.resolve({ value: (count += 1) }) }
    const log = createReplyLog()
    const taking = takeReplies(table, () => log)['fetch']!
    for (let i = 0; i < 2; i++) await taking(['a'], call())
    const source = fromReplies(log.replies)
    const own: string[] = []
    const giving = giveReplies(
      table,
      () => source,
      (name) => own.push(name),
    )['fetch']!
    const values = []
    for (let i = 0; i < 3; i++) values.push((await giving(['a'], call())).value)
    expect([values, own]).toEqual([[1, 2, 3], ['fetch']])
  })
  test('errors are replies; what came after the call was given up is none', async () => {
    const log = createReplyLog()
    const stop = new AbortController()
    const table = {
      sql: () => Promise.reject(new AppError('invalid', 'No table "x".')),
      fetch: () => (stop.abort(), Promise.resolve({ value: 1 })),
    }
    const taking = takeReplies(table, () => log)
    await expect(taking['sql']!(['x'], call())).rejects.toThrow('No table')
    await taking['fetch']!(['a'], call(stop.signal))
    expect(log.replies).toMatchObject([
      { name: 'sql', rank: 1, error: { code: 'invalid', message: 'No table "x".' } },
      { name: 'fetch', rank: 0 },
    ])
    const source = fromReplies(log.replies)
    const giving = giveReplies(table, () => source)
    await expect(giving['sql']!(['x'], call())).rejects.toMatchObject({ code: 'invalid' })
  })
  test('a large one is told by its size, a large model by its version', async () => {
    const log = createReplyLog()
    const big = new Uint8Array(9_000_000)
    const table = {
      'objects.bytes': () => Promise.resolve({ value: null, binary: [big] }),
      'models.load': () => Promise.resolve({ value: { name: 'm', version: 3 }, binary: [big] }),
    }
    const taking = takeReplies(table, () => log)
    await taking['objects.bytes']!(['x'], call())
    await taking['models.load']!(['m@champion'], call())
    expect(log.replies).toMatchObject([{ left: 9_000_000 }, { again: '["m@3"]' }])
    expect(log.bytes).toBeLessThan(1000)
  })
  test('what would change something and was not asked then is refused', () => {
    for (const [name, args] of [
      ['models.save', []],
      ['fetch', ['https://a.example', { method: 'post' }]],
    ] as [string, Json[]][])
      expect(() => refuseWrite(name, args)).toThrow('nothing leaves')
    expect(() => refuseWrite('fetch', ['https://a.example', {}])).not.toThrow()
    expect(() => refuseWrite('sql', ['select 1'])).not.toThrow()
  })
})

test('equal records of two deployments have bytes of their own; an opening that changed makes room', async () => {
  const stored = new Map<string, Uint8Array>()
  const blobs = {
    put: async (bytes: Uint8Array) => {
      const sha256 = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(bytes))).toString('hex')
      stored.set(sha256, bytes)
      return { sha256, bytes: bytes.byteLength }
    },
    delete: (sha256: string) => Promise.resolve(void stored.delete(sha256)),
  } as never
  const reply = { name: 'sql', asked: 'x', rank: 1, value: '1' }
  const record = { identity: 'i', replies: [reply] }
  for (const deployment of ['one', 'two']) {
    const records = openRecords(blobs, deployment, [reply], { state: [] })
    await records.keep([record], 1)
    await records.settle()
  }
  expect(stored.size).toBe(4)

  const first = openRecords(blobs, 'three', [reply], { state: [] })
  const kept = await first.keep([], 1)
  await first.settle()
  expect(stored.size).toBe(5)
  const saved = { records: kept.records, state: Object.entries(kept.state) as [string, Json][] }
  const second = openRecords(blobs, 'three', [{ ...reply, value: '2' }], saved)
  await second.keep([], 2)
  await second.settle()
  expect(stored.size).toBe(5)
})
