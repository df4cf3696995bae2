/** The main job over REST alone: what a person would do with curl, on the machine's real series. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Client } from '../runtime/api/client.ts'
import type { StreamSource } from '../runtime/api/streams.ts'
import { until } from './server.ts'
import { parsePercent } from '../runtime/notebook/percent.ts'

const folder = 'examples/machine-temperature'
const border = '2014-01-10 00:00:00'

export interface LiveRow {
  /** Its own number: the series has equal rows. */
  n: number
  timestamp: string
  value: number
}
const [header, ...lines] = readFileSync(`${folder}/machine_temperature_system_failure.csv`, 'utf8')
  .trim()
  .split('\n')
export const historyCsv = `${[header, ...lines.filter((line) => line < border)].join('\n')}\n`
export const liveRows: LiveRow[] = lines
  .filter((line) => line >= border)
  .map((line, n) => {
    const [timestamp, value] = line.split(',')
    return { n, timestamp: timestamp!, value: Number(value) }
  })

export interface Webhooks {
  url: string
  received: { key: string; body: { hour: string; score: number } }[]
  close(): Promise<void>
}
export async function openWebhooks(): Promise<Webhooks> {
  const received: Webhooks['received'] = []
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (part: Buffer) => {
      text += part.toString()
    })
    request.on('end', () => {
      received.push({
        key: String(request.headers['idempotency-key']),
        body: JSON.parse(text) as { hour: string; score: number },
      })
      response.end('ok')
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    close: () => new Promise((done) => server.close(() => done())),
  }
}

/** Uploads, learns, defines the stream, deploys; returns the ids. The rows are still to come. */
export async function setUpMainJob(
  client: Client,
  webhooks: Webhooks,
  source: StreamSource,
  allow: string[] = [],
): Promise<{ stream: string; deployment: string; run: string }> {
  await client.call('createObject', {
    query: { name: 'machine temperature history' },
    raw: historyCsv,
    mediaType: 'text/csv',
  })
  const labels = readFileSync(`${folder}/labels.json`, 'utf8')
  await client.call('createObject', {
    query: { name: 'machine temperature labels' },
    raw: labels,
    mediaType: 'application/json',
  })
  const project = await client.call('createProject', { body: { name: 'Machine temperature' } })
  const notebook = (name: string, kind: 'analytics' | 'processing', file: string) =>
    client.call('createNotebook', {
      body: {
        name,
        kind,
        project: project.id,
        cells: parsePercent(readFileSync(`${folder}/${file}`, 'utf8')),
      },
    })
  const learn = await notebook('Learn', 'analytics', 'learn.ts')
  const run = await client.call('createRun', { params: { id: learn.id }, query: { wait: 60 }, body: {} })
  if (run.state !== 'succeeded')
    throw new Error(`learning ended as ${run.state}: ${JSON.stringify(run.error)}`)
  await client.call('putEgress', { body: { allow: [new URL(webhooks.url).host, ...allow] } })
  const stream = await client.call('createStream', {
    body: {
      name: 'machine temperature',
      source,
      eventTime: { path: 'timestamp' },
      outOfOrder: 3_600_000,
      maxFuture: null,
      identity: { path: 'n' },
    },
  })
  const guard = await notebook('Guard', 'processing', 'guard.ts')
  const deployment = await client.call('createDeployment', {
    body: { notebook: guard.id, from: 'first', parameters: { receiver: webhooks.url } },
  })
  return { stream: stream.id, deployment: deployment.id, run: run.id }
}

/** Until every row was seen, and the webhook of the failure has come. */
export async function waitForGuard(
  client: Client,
  deployment: string,
  webhooks: Webhooks,
  waitMs = 90_000,
): Promise<void> {
  await until(
    async () => {
      const now = await client.call('getDeployment', { params: { id: deployment } }).catch(() => undefined)
      if (now?.state === 'failed') throw new Error(now.lastError ?? 'failed')
      return now?.inputs[0]?.lag === 0 && now.inputs[0].nextSeq > liveRows.length
    },
    waitMs,
    'the deployment to work off the stream',
  )
  await until(
    () =>
      webhooks.received.some(
        (hook) => hook.body.hour >= '2014-02-07 14' && hook.body.hour <= '2014-02-09 14',
      ),
    30_000,
    'the webhook of the failure',
  )
}

/** Event times of everything that fired, also what the cooldown turned down. */
export async function findFirings(client: Client, deployment: string): Promise<number[]> {
  const firings: number[] = []
  for (let cursor: string | undefined; ;) {
    const page = await client.call('findActions', {
      query: { deployment, kind: 'alert', limit: 1000, ...(cursor ? { cursor } : {}) },
    })
    firings.push(...page.items.map((action) => action.window?.start ?? action.at))
    if (!page.nextCursor) return firings
    cursor = page.nextCursor
  }
}
