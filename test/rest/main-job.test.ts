import { afterAll, expect, test } from 'vitest'
import { judge } from '../sample/episodes.ts'
import { findFirings, liveRows, openWebhooks, setUpMainJob, waitForGuard } from '../main-job.ts'
import { startServer } from '../server.ts'

const cleanups: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup()
})

test('the main job over REST alone, on SQLite: an alert and a webhook inside the failure', async () => {
  const webhooks = await openWebhooks()
  const server = await startServer()
  cleanups.push(
    () => webhooks.close(),
    () => server.close(),
  )
  const { client } = server
  const ids = await setUpMainJob(client, webhooks, { type: 'http' })

  const model = await client.call('getModel', { params: { name: 'machine temperature' } })
  const [version] = model.versions
  expect([model.aliases, version?.metrics['f1'], version?.baseline['f1'], version?.lineage['run']]).toEqual([
    { champion: 1 },
    expect.any(Number),
    expect.any(Number),
    ids.run,
  ])
  for (let i = 0; i < liveRows.length; i += 1000) {
    const rows = liveRows.slice(i, i + 1000)
    const raw = rows.map((row) => JSON.stringify(row)).join('\n')
    const pushed = await client.call('pushMessages', {
      params: { id: ids.stream },
      raw,
      mediaType: 'application/x-ndjson',
    })
    expect(pushed.accepted).toBe(rows.length)
  }
  await waitForGuard(client, ids.deployment, webhooks)
  expect(judge(await findFirings(client, ids.deployment))).toEqual({
    caught: true,
    falseEpisodes: expect.toBeOneOf([0, 1, 2]),
  })
  expect(new Set(webhooks.received.map((hook) => hook.key)).size).toBe(webhooks.received.length)

  const alerts = await client.call('findAlerts', {})
  expect(alerts.items.length).toBeGreaterThan(0)
  const fired = await client.call('findActions', {
    query: { deployment: ids.deployment, kind: 'webhook', state: 'fired' },
  })
  expect(fired.items[0]).toMatchObject({
    deployment: ids.deployment,
    model: { name: 'machine temperature', version: 1 },
    stream: { id: ids.stream, name: 'machine temperature' },
  })
  const rows = await client.call('findRows', { params: { id: ids.deployment }, query: { limit: 1000 } })
  expect(rows.items[0]?.fields).toEqual({
    value: expect.any(Number),
    score: expect.any(Number),
    threshold: expect.any(Number),
  })
}, 180_000)
