/** What is out of reach is `unavailable` within a bound, and comes back by itself. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { isAppError } from '../../runtime/error.ts'
import { openStore } from '../../runtime/store/open.ts'
import { startMongo } from '../mongo.ts'
import { newCommit } from './commit.case.ts'
import { newMessage } from './log.case.ts'
import { schema, things } from './schema.ts'

const mongo = await startMongo()
const data = mkdtempSync(join(tmpdir(), 'store-outage-'))
afterAll(async () => {
  await mongo?.close()
  rmSync(data, { recursive: true, force: true })
})
/** Until it no longer says `unavailable`. */
async function persist<T>(work: () => Promise<T>): Promise<T> {
  for (;;)
    try {
      return await work()
    } catch (error) {
      if (!isAppError(error, 'unavailable')) throw error
    }
}

describe.skipIf(!mongo)('MongoDB away (skipped without a MongoDB server)', () => {
  test(
    'an address where nobody listens is unavailable within 10 s, without the password',
    { timeout: 20_000 },
    async () => {
      const start = performance.now()
      const opened = openStore({
        data,
        mongoUri: 'mongodb://me:geheim@127.0.0.1:9/?authSource=admin',
        mongoDatabase: 'x',
      })
      const error: unknown = await opened.catch((e: unknown) => e)
      expect(error).toMatchObject({ code: 'unavailable' })
      expect(String(error)).not.toContain('geheim')
      expect(performance.now() - start).toBeLessThan(10_000)
    },
  )
  test('no address is invalid', async () => {
    await expect(openStore({ data, mongoUri: 'localhost' })).rejects.toMatchObject({ code: 'invalid' })
  })
  test(
    'killed while commits and batches flow: retried, each is there once',
    { timeout: 120_000 },
    async () => {
      if (!mongo) return
      const store = await openStore({ data, mongoUri: mongo.uri, mongoDatabase: mongo.database, schema })
      try {
        await store.system.migrate()
        const w = store.in('w')
        const { commits, log } = w
        const lease = await commits.lease('d', 'a', 0, 1e9)
        const held = await log.lease('s', 'a', 0, 1e9)
        if (!lease || !held) throw new Error('no lease')
        let killing: Promise<void> | undefined
        const steps = 60
        for (let n = 1; n <= steps; n++) {
          if (n === 15 || n === 40) killing = mongo.kill().then(() => mongo.start())
          const commit = newCommit('d', lease, n, {
            state: { n, [`k${n}`]: n },
            outbox: [{ id: `o${n}`, kind: 'webhook', at: n, body: {} }],
          })
          await persist(() => commits.commit(commit))
          await persist(() => log.append('s', held, { messages: [newMessage(n)] }))
          await persist(async () => w.insert(things, [{ id: `d${n}` }])).catch((error: unknown) => {
            if (!isAppError(error, 'conflict')) throw error // the answer was lost, not the document
          })
        }
        await killing
        expect(await persist(() => commits.head('d'))).toMatchObject({ number: steps })
        expect(await persist(() => commits.state('d', null, 1_000))).toHaveLength(steps + 1)
        const outbox = await persist(() => commits.outbox({ limit: 1_000 }))
        expect(outbox.map(({ id }) => id)).toEqual(Array.from({ length: steps }, (_, i) => `o${i + 1}`))
        const messages = await persist(() => log.read('s', 1, 1_000))
        expect(messages.map(({ messageId }) => messageId)).toEqual(
          Array.from({ length: steps }, (_, i) => `m${i + 1}`),
        )
        expect(await persist(() => w.count(things))).toBe(steps)
      } finally {
        await store.close()
      }
    },
  )
})

describe('SQLite locked by another process', () => {
  test(
    'a write waits without stopping reads or the event loop, and then succeeds',
    { timeout: 30_000 },
    async () => {
      const folder = join(data, 'locked')
      const store = await openStore({ data: folder, schema })
      await store.system.migrate()
      const w = store.in('w')
      await w.insert(things, [{ id: 'a' }])
      const program = `
      const { DatabaseSync } = require('node:sqlite')
      const db = new DatabaseSync(${JSON.stringify(join(folder, 'documents.db'))})
      db.exec('begin immediate')
      process.stdout.write('locked')
      process.stdin.once('data', () => { db.exec('commit'); process.exit() })`
      const locker = spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'pipe', 'inherit'] })
      await new Promise((resolve) => locker.stdout.once('data', resolve))
      let done = false
      const write = w.insert(things, [{ id: 'b' }]).then(() => (done = true))
      let longest = 0
      for (const end = performance.now() + 1_000; performance.now() < end;) {
        const start = performance.now()
        expect(await w.count(things)).toBe(1)
        longest = Math.max(longest, performance.now() - start)
      }
      expect(done).toBe(false)
      expect(longest).toBeLessThan(500)
      locker.stdin.write('go')
      await write
      expect(await w.count(things)).toBe(2)
      await store.close()
    },
  )
  test('two stores on one folder write at once and lose nothing', { timeout: 60_000 }, async () => {
    const folder = join(data, 'shared')
    const stores = await Promise.all([
      openStore({ data: folder, schema }),
      openStore({ data: folder, schema }),
    ])
    await Promise.all(stores.map((store) => store.system.migrate()))
    await Promise.all(
      stores.flatMap((store, s) =>
        Array.from({ length: 200 }, (_, i) => store.in('w').insert(things, [{ id: `${s}-${i}`, n: i }])),
      ),
    )
    for (const store of stores) expect(await store.in('w').count(things)).toBe(400)
    for (const store of stores) await store.close()
  })
  test('after close every call is unavailable', async () => {
    const store = await openStore({ data: join(data, 'closed'), schema })
    await store.system.migrate()
    await store.close()
    await expect(store.in('w').count(things)).rejects.toMatchObject({ code: 'unavailable' })
  })
})
