import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findFirings } from '../main-job.ts'
import { startServer, type TestServer, until } from '../server.ts'
import { failure, judge } from './episodes.ts'

describe('the sample of a first start', () => {
  let server: TestServer
  let upAt: number
  beforeAll(async () => {
    server = await startServer({ samples: true })
    upAt = Date.now()
  })
  afterAll(() => server.close())

  test('its alert is inside the failure, and on the overview within a minute of being up', async () => {
    const alert = await until(
      async () => {
        const { items } = await server.client.call('findAlerts', { query: { limit: 100 } })
        return items.find((one) => one.firstAt >= failure.start && one.firstAt <= failure.end)
      },
      60_000,
      'the alert of the failure',
    )
    const seen = await until(
      async () => {
        const now = await server.client.call('getOverview', {})
        return now.timeline.some((entry) => entry.id === alert.id) && now
      },
      5000,
      'the alert on the overview',
    )
    expect(Date.now() - upAt).toBeLessThan(60_000)
    expect([alert.severity, alert.state, seen.watches.openAlerts > 0]).toEqual(['critical', 'open', true])
  }, 90_000)

  test('its guard has at most two false episodes, and the receiver got the webhook', async () => {
    const { items } = await server.client.call('findDeployments', {})
    const id = items[0]!.id
    expect(judge(await findFirings(server.client, id))).toEqual({
      caught: true,
      falseEpisodes: expect.toBeOneOf([0, 1, 2]),
    })
    const hooks = await server.client.call('findActions', { query: { kind: 'webhook', state: 'fired' } })
    expect(hooks.items.length).toBeGreaterThan(0)
    const receiver = String(items[0]!.parameters['receiver'])
    const { received } = (await (await fetch(receiver)).json()) as { received: { key: string }[] }
    expect(received.map((hook) => hook.key).toSorted()).toEqual(
      hooks.items.map((hook) => hook.idempotencyKey).toSorted(),
    )
  })

  test('the model is better than its baseline on held-out data', async () => {
    const model = await server.client.call('getModel', { params: { name: 'machine temperature' } })
    const [version] = model.versions
    expect(Number(version?.metrics['f1'])).toBeGreaterThan(Number(version?.baseline['f1']))
  })
})
