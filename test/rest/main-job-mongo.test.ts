import { afterAll, expect, test } from 'vitest'
import { findFirings, liveRows, openWebhooks, setUpMainJob, waitForGuard } from '../main-job.ts'
import { startMongo } from '../mongo.ts'
import { judge } from '../sample/episodes.ts'
import { startServer, type TestServer } from '../server.ts'

const mongo = await startMongo()
const cleanups: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup()
})

/** Sends the rows again until they are acknowledged: the database is away now and then. */
async function push(server: TestServer, stream: string, rows: unknown[]): Promise<void> {
  const body = rows.map((row) => JSON.stringify(row)).join('\n')
  for (let attempt = 0; ; attempt++) {
    const response = await server
      .fetch(`/streams/${stream}/messages`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/x-ndjson' },
      })
      .catch(() => undefined)
    if (response?.ok) return
    if (response && response.status < 500) throw new Error(await response.text())
    if (attempt > 300) throw new Error(`never acknowledged: ${await response?.text()}`)
    await new Promise((done) => setTimeout(done, 200))
  }
}

test.skipIf(!mongo)(
  'the main job on MongoDB, whose server is killed twice meanwhile: nothing acknowledged is lost',
  async () => {
    const own = mongo!
    cleanups.push(() => own.close())
    const webhooks = await openWebhooks()
    const server = await startServer({
      environment: { SURICATE_MONGODB_URI: own.uri, SURICATE_MONGODB_DATABASE: own.database },
    })
    cleanups.push(
      () => webhooks.close(),
      () => server.close(),
    )
    const ids = await setUpMainJob(server.client, webhooks, { type: 'http' })
    for (let i = 0; i < liveRows.length; i += 500) {
      if (i === 3000 || i === 7000) {
        await own.kill()
        const again = own.start()
        await push(server, ids.stream, liveRows.slice(i, i + 500))
        await again
      } else await push(server, ids.stream, liveRows.slice(i, i + 500))
    }
    await waitForGuard(server.client, ids.deployment, webhooks)
    const numbers: number[] = []
    for (let fromSeq = 1; fromSeq <= liveRows.length; fromSeq += 1000) {
      const page = await server.client.call('findMessages', {
        params: { id: ids.stream },
        query: { fromSeq, limit: 1000 },
      })
      numbers.push(...page.items.map((message) => (message.body as { n: number }).n))
    }
    expect(numbers.toSorted((a, b) => a - b)).toEqual(liveRows.map((row) => row.n))
    expect(judge(await findFirings(server.client, ids.deployment))).toMatchObject({ caught: true })
    expect(new Set(webhooks.received.map((hook) => hook.key)).size).toBeLessThanOrEqual(3)
  },
  240_000,
)
