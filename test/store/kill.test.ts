/** The process dies (SIGKILL) between any two writes of commits and batches: afterwards there is all of one or nothing. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { openStore, type StoreConfig } from '../../runtime/store/open.ts'
import type { CommitStore } from '../../runtime/store/log.ts'
import { useMongo } from '../mongo.ts'
import { batchOf, commitOf, lastNumber, seenAfter, type Seen } from './kill-steps.ts'
import { schema } from './schema.ts'

const mongo = await useMongo()
const folder = mkdtempSync(join(tmpdir(), 'store-kill-'))
afterAll(async () => {
  await mongo?.close()
  rmSync(folder, { recursive: true, force: true })
})
const child = fileURLToPath(new URL('kill-child.ts', import.meta.url))

/** What the child said until it ended. */
function runChild(config: StoreConfig & { owner: string }): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const started = spawn(process.execPath, [child, JSON.stringify(config)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    started.stdout.on('data', (piece: Buffer) => (output += piece.toString()))
    started.once('error', reject)
    started.once('close', (code, signal) => {
      if (signal === 'SIGKILL' || code === 0) resolve(output.split('\n').filter(Boolean))
      else reject(new Error(`The child ended with ${code ?? signal}: ${output}`))
    })
  })
}
async function see(commits: CommitStore): Promise<Seen> {
  return {
    head: await commits.head('d'),
    state: await commits.state('d', null, 100),
    rows: await commits.rows('d', { limit: 100 }),
    outbox: (await commits.outbox({ limit: 100 })).map(({ id }) => id),
  }
}

/** Kills at `killAt`, looks, and goes on as another owner. Tells whether the child lived to its end. */
async function killAndLook(config: StoreConfig, killAt: number): Promise<boolean> {
  const said = await runChild({ ...config, killAt, owner: 'child' })
  const store = await openStore(config)
  try {
    await store.system.migrate()
    const { commits, log } = store.in('w')
    const committed = said.filter((line) => line.startsWith('commit')).length
    const number = (await commits.head('d'))?.number ?? 0
    expect([committed, committed + 1], `killed at ${killAt}`).toContain(number)
    expect(await see(commits), `killed at ${killAt}`).toEqual(seenAfter(number))

    const appended = said.filter((line) => line.startsWith('batch')).length
    const { nextSeq, source } = await log.head('s')
    const batches = (nextSeq - 1) / 3
    expect([appended, appended + 1], `killed at ${killAt}`).toContain(batches)
    expect(source).toEqual(batches === 0 ? null : { number: batches })
    const messages = Array.from({ length: batches }, (_, i) => batchOf(i + 1)).flat()
    expect(await log.read('s', 1, 100)).toEqual(messages.map((message, i) => ({ ...message, seq: i + 1 })))

    const lease = await commits.lease('d', 'next', 5_000, 1_000)
    const held = await log.lease('s', 'next', 5_000, 1_000)
    if (!lease || !held) throw new Error('The lease was not taken over.')
    for (let n = number + 1; n <= lastNumber + 1; n++) {
      await commits.commit({ ...commitOf(n), lease })
      expect(await see(commits), `after a kill at ${killAt}`).toEqual(seenAfter(n))
    }
    expect(await log.append('s', held, { messages: batchOf(9) })).toEqual({
      firstSeq: nextSeq,
      lastSeq: nextSeq + 2,
    })
  } finally {
    await store.close()
  }
  return said.includes('end')
}

describe.each(['SQLite', 'MongoDB'])('killed on %s', (adapter) => {
  test.skipIf(adapter === 'MongoDB' && !mongo)(
    'between any two writes, all or nothing is there (skipped without a MongoDB server)',
    { timeout: 600_000 },
    async () => {
      let ended = false
      let from = 0
      for (; !ended && from < 200; from += 2) {
        const results = await Promise.all(
          [from, from + 1].map((killAt) => {
            const data = join(folder, `${adapter}${killAt}`)
            const config = { data, schema }
            if (!mongo || adapter === 'SQLite') return killAndLook(config, killAt)
            return killAndLook(
              { ...config, mongoUri: mongo.uri, mongoDatabase: `${mongo.database}_${killAt}` },
              killAt,
            )
          }),
        )
        ended = results.every(Boolean)
      }
      console.log(`killed on ${adapter}: ${from} places`)
      expect(ended).toBe(true)
      expect(from).toBeGreaterThan(20)
    },
  )
})
