import { afterAll, beforeAll, expect, test } from 'vitest'
import { startMongo, type OwnMongo } from '../mongo.ts'
import { openRig, type Rig } from './rig.ts'
import { until } from './until.ts'

const mongo: OwnMongo | null = await startMongo()
let rig: Rig
const rows = 3000
const start = Date.UTC(2014, 0, 10)

beforeAll(async () => {
  if (!mongo) return
  rig = await openRig({ mongoUri: mongo.uri, mongoDatabase: mongo.database })
  const text = Array.from({ length: rows }, (_, i) => JSON.stringify({ t: start + i * 300_000, i })).join(
    '\n',
  )
  const mine = rig.store.in('w1')
  const { sha256, bytes } = await mine.blobs.put(Buffer.from(text))
  const object = { id: 'obj_1', name: 'series', mediaType: 'application/x-ndjson', bytes, sha256 }
  await mine.insert('objects', [{ ...object, createdAt: 1, updatedAt: 1 }])
})
afterAll(async () => {
  await rig?.close()
  await mongo?.kill() // started again after a kill, it does not end by being asked
  await mongo?.close()
})

test.skipIf(!mongo)(
  'on MongoDB: ingest and database are killed while rows and pushes come, and each is there once, in order',
  async () => {
    const id = await rig.define({
      name: 'replay',
      source: { type: 'simulator', object: 'series', speed: 1e5 },
      eventTime: { path: 't' },
    })
    const pushed = await rig.define({
      name: 'pushed',
      source: { type: 'http' },
      identity: { path: 'n' },
    })
    let stopped = false
    let sent = 0
    const pushing = (async () => {
      while (!stopped) {
        const body = Buffer.from(JSON.stringify({ n: sent }))
        await rig.streams.push('w1', pushed, body, 'application/json').then(
          () => sent++,
          () => undefined, // not answered, so sent again
        )
      }
    })()
    const head = async (stream: string): Promise<number> =>
      rig.store
        .in('w1')
        .log.head(stream)
        .then(
          ({ nextSeq }) => nextSeq - 1,
          () => 0,
        )
    const grows = async (): Promise<void> => {
      const before = await head(id)
      await until(async () => (await head(id)) > before)
    }
    await grows()
    await rig.killIngest()
    await grows()
    await mongo!.kill()
    await mongo!.start()
    await grows()
    await rig.killIngest()
    await until(async () => (await head(id)) === rows, 60_000)
    stopped = true
    await pushing
    expect((await rig.bodies(id)).map((body) => (body as { i: number }).i)).toEqual(
      Array.from({ length: rows }, (_, i) => i),
    )
    const bodies = (await rig.bodies(pushed)).map((body) => (body as { n: number }).n)
    expect(bodies).toEqual(Array.from({ length: sent }, (_, n) => n))
    expect(sent).toBeGreaterThan(100)
  },
  120_000,
)
