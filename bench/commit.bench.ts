/**
 * A deployment with 10,000 keys in 12 windows each commits after 1% of them changed: what the commit gathers and what
 * the store needs for it, on SQLite and on MongoDB (at MONGODB_URI, or started by MONGO_SERVER), which is given the
 * time to clear up behind each commit that it has in a second; and restoring all of it.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore, type StoreConfig } from '../runtime/store/open.ts'
import { openProcess, type Step } from '../test/deployment/process.ts'
import { useMongo } from '../test/mongo.ts'
import { quantile, tell } from './peers.ts'

const keys = 10_000
const commits = 60
const limitMs = 100

async function measure(name: string, config: StoreConfig, everyMs: number): Promise<void> {
  const store = await openStore(config)
  try {
    await store.system.migrate()
    const w = store.in('bench')
    const lease = (await w.commits.lease('many', 'me', 0, 3_600_000))!
    const window = { type: 'hopping', size: 12_000, hop: 1000 } as const
    const { run, processor } = openProcess([
      { streams: ['a'], options: { window }, run: (() => null) as never },
    ])
    const part = (from: number, count: number): Step[] =>
      Array.from({ length: count }, (_, i) => ({ at: 1, ts: 12_000, key: `k${(from + i) % keys}` }))
    const times: number[] = []
    let first = 0
    for (let number = 1; number <= commits + 1; number++) {
      await run(number === 1 ? part(0, keys) : part(number * 100, keys / 100), 'kept')
      const begin = performance.now()
      const changes = processor.take()
      await w.commits.commit({ deployment: 'many', lease, number, offsets: { a: number }, ...changes })
      const ms = performance.now() - begin
      if (number === 1) first = ms
      else times.push(ms)
      await new Promise((done) => setTimeout(done, everyMs))
    }
    const begin = performance.now()
    let count = 0
    for (let after: string | null = null; ;) {
      const page: { key: string }[] = await w.commits.state('many', after, 1000)
      count += page.length
      after = page.at(-1)?.key ?? null
      if (page.length < 1000) break
    }
    console.log(
      `${name}: the first commit, of ${count} windows, ${Math.round(first)} ms; reading all ${Math.round(performance.now() - begin)} ms`,
    )
    tell(`${name}: commit of 1%, p50 of ${commits}`, quantile(times, 0.5), 'ms', 'limit', limitMs)
    tell(`${name}: commit of 1%, p99`, quantile(times, 0.99), 'ms', 'limit', limitMs)
  } finally {
    await store.close()
  }
}

const folder = mkdtempSync(join(tmpdir(), 'bench-commit-'))
const mongo = await useMongo()
try {
  await measure('SQLite', { data: join(folder, 'sqlite') }, 20)
  if (mongo) {
    const config = { data: join(folder, 'mongo'), mongoUri: mongo.uri, mongoDatabase: mongo.database }
    await measure('MongoDB, back to back', config, 0)
    await measure('MongoDB', { ...config, mongoDatabase: `${mongo.database}_2` }, 200)
  }
} finally {
  await mongo?.close()
  rmSync(folder, { recursive: true, force: true })
}
