/** Plausible documents for the pages' tests: the machine temperature, a while into its life. */
import type { z } from 'zod'
import type { Action, Alert } from '../../runtime/api/actions.ts'
import type { Deployment, Row } from '../../runtime/api/deployments.ts'
import type { model as modelSchema } from '../../runtime/api/models.ts'
import type { Notebook, Project } from '../../runtime/api/notebooks.ts'
import type { DataObject } from '../../runtime/api/objects.ts'
import type { Run } from '../../runtime/api/runs.ts'
import type { Message, Stream } from '../../runtime/api/streams.ts'

export const hour = 3_600_000
const live = Date.UTC(2014, 1, 7)
const stamps = (now: number) => ({ createdAt: now - 2 * hour, updatedAt: now - hour, revision: 1 })

export function newObject(
  now: number,
  id: string,
  name: string,
  rows: number | null,
  bytes: number,
): DataObject {
  const columns = [
    { name: 'timestamp', type: 'time' },
    { name: 'value', type: 'number' },
  ]
  return {
    id,
    name,
    mediaType: 'text/csv',
    bytes,
    sha256: 'a3'.repeat(32),
    rows,
    columns: rows === null ? [] : columns,
    tags: id === 'object-history' ? ['sample'] : [],
    ...stamps(now),
  }
}

export function newStream(now: number, patch: Partial<Stream>): Stream {
  return {
    id: 'stream-live',
    name: 'machine temperature live',
    source: { type: 'simulator', object: 'machine temperature', speed: 300, repeat: true },
    format: 'json',
    parse: {},
    retention: { ageMs: null, bytes: null },
    eventTime: { path: 'timestamp', unit: 'iso' },
    key: null,
    identity: null,
    outOfOrder: 0,
    lateness: 0,
    maxFuture: 86_400_000,
    definition: 1,
    enabled: true,
    state: 'consuming',
    lastError: null,
    rate: 1,
    byteRate: 132,
    lag: 0,
    messages: 9_120,
    bytes: 1_204_000,
    deadLetters: 2,
    lastReceivedAt: now - 500,
    maxEventTime: live + 30 * hour,
    ingest: {
      delivered: 9_122,
      redelivered: 14,
      duplicates: 3,
      deadLetters: 2,
      reconnects: 1,
      unacknowledged: 500,
      queueDepth: 1_240,
      maxDeliveryCount: 2,
      retries: 0,
      commitP50Ms: 4.2,
      commitP99Ms: 21.5,
    },
    createdAt: now - hour,
    revision: 3,
    ...patch,
  }
}
export function newMessage(seq: number, now: number): Message {
  const eventTime = live + seq * 300_000
  return {
    seq,
    body: { timestamp: new Date(eventTime).toISOString(), value: 90 + 8 * Math.sin(seq / 20) },
    headers: {},
    key: null,
    eventTime,
    receivedAt: now,
    messageId: `m-${seq}`,
  }
}

export const newProject = (now: number): Project => ({
  id: 'project-machine',
  name: 'Machine temperature',
  description: 'A machine that failed on 9 February 2014: learn what is normal, tell what is not.',
  createdAt: now - 2 * hour,
  revision: 1,
})
const schema = {
  type: 'object',
  properties: {
    window: { type: 'string', default: '1 h', description: 'Length of a window' },
    quantile: { type: 'number', default: 0.999, minimum: 0.9, maximum: 1 },
  },
}
export const newNotebooks = (now: number): Notebook[] => [
  {
    id: 'notebook-learn',
    name: 'Learn what is normal',
    project: 'project-machine',
    kind: 'analytics',
    version: 4,
    tags: ['sample'],
    parameters: schema,
    ...stamps(now),
    cells: [
      {
        id: 'c1',
        type: 'markdown',
        source: '# What is normal\n\nThe history, its shape and a *detector* learned from it.',
      },
      {
        id: 'c2',
        type: 'typescript',
        source: 'const history = await sql`select * from "machine temperature history"`\nhistory',
      },
      { id: 'c3', type: 'typescript', source: "plot.line(history, { x: 'timestamp', y: 'value' })" },
      {
        id: 'c4',
        type: 'sql',
        source: 'select count(*) as n, avg(value) as mean\nfrom "machine temperature history"',
      },
      { id: 'c5', type: 'typescript', source: 'const answer: number = 6 * 7\nanswer' },
    ],
  },
  {
    id: 'notebook-watch',
    name: 'Watch the machine',
    project: 'project-machine',
    kind: 'processing',
    version: 2,
    tags: [],
    parameters: {},
    ...stamps(now),
    cells: [
      {
        id: 'w1',
        type: 'typescript',
        source:
          "const normal = await models.load('machine temperature')\nawait streams.on('machine temperature live', { window: { type: 'tumbling', size: '1 h' } }, async ({ window, messages }) => {\n  const value = messages.at(-1)\n  return { value }\n})",
      },
    ],
  },
]

export function newModel(now: number): z.output<typeof modelSchema> {
  const version = (number: number, f1: number, auc: number) => ({
    model: 'machine temperature',
    version: number,
    kind: 'windowed-gaussian',
    sha256: 'b7'.repeat(32),
    bytes: 18_204,
    signature: { features: { value: 'number' }, output: 'number' },
    metrics: { precision: 0.83, recall: 0.71, f1, auc },
    baseline: { precision: 0.41, recall: 0.66, f1: 0.506, auc: 0.71 },
    lineage: {
      notebook: 'notebook-learn',
      notebookVersion: number + 2,
      run: 'run-1',
      parameters: { window: '1 h' },
      objects: [{ name: 'machine temperature history', sha256: 'a3'.repeat(32) }],
      streams: [],
    },
    cost: { cpuSeconds: 0.84, memoryGbSeconds: 0.12, money: 0 },
    createdAt: now - (4 - number) * hour,
  })
  return {
    id: 'model-1',
    name: 'machine temperature',
    aliases: { champion: 2 },
    history: [
      { alias: 'champion', version: 1, at: now - 3 * hour, by: 'owner' },
      { alias: 'champion', version: 2, at: now - 2 * hour, by: 'owner' },
    ],
    versions: [version(3, 0.71, 0.9), version(2, 0.766, 0.93), version(1, 0.62, 0.84)],
    ...stamps(now),
  }
}

export const newRuns = (now: number): Run[] =>
  Array.from({ length: 8 }, (_, index) => ({
    id: `run-${index + 1}`,
    notebook: { id: 'notebook-learn', version: 4, name: 'Learn what is normal' },
    project: 'project-machine',
    state: index === 0 ? 'running' : index === 3 ? 'failed' : 'succeeded',
    parameters: { window: '1 h' },
    trigger: { type: index % 2 === 0 ? 'api' : 'schedule' },
    result: index === 0 || index === 3 ? null : { f1: 0.766, threshold: 6.2 },
    error:
      index === 3
        ? { name: 'TypeError', message: 'history is not iterable', cell: 'c3', line: 2, column: 7 }
        : null,
    outputs: [
      {
        seq: 1,
        cell: 'c2',
        kind: 'stdout',
        data: { 'text/plain': '22,695 rows read\n' },
        at: now - index * 400_000,
      },
      { seq: 2, cell: 'c5', kind: 'result', data: { 'text/plain': '42' }, at: now - index * 400_000 },
    ],
    receipt:
      index === 0
        ? null
        : { cpuMs: 840, wallMs: 1_310, peakBytes: 84_000_000, messages: 0, bytes: 620_000, cost: 0 },
    progress: index === 0 ? { done: 3, total: 10, label: 'folds' } : null,
    createdAt: now - index * 400_000 - 3_000,
    startedAt: now - index * 400_000 - 2_500,
    endedAt: index === 0 ? null : now - index * 400_000,
  }))

export const newDeployment = (now: number): Deployment => ({
  id: 'deployment-1',
  name: 'Watch the machine',
  notebook: { id: 'notebook-watch', version: 2, name: 'Watch the machine' },
  parameters: {},
  from: 'first',
  state: 'running',
  lastError: null,
  inputs: [
    {
      stream: 'stream-live',
      name: 'machine temperature live',
      window: { type: 'tumbling', size: hour },
      nextSeq: 9_118,
      lag: 3,
      watermark: live + 29 * hour,
    },
  ],
  commit: 760,
  counters: { received: 9_115, windows: 760, outOfOrder: 41, rejected: 117, future: 13, retries: 0 },
  restarts: 0,
  actions: 2,
  receipt: { cpuMs: 5_300 },
  createdAt: now - hour,
  updatedAt: now - 1_000,
  revision: 1,
})
export const newRows = (): Row[] =>
  Array.from({ length: 72 }, (_, index) => {
    const start = live + index * hour - 40 * hour
    const odd = index > 55 && index < 64
    return {
      id: `row-${index}`,
      key: null,
      start,
      end: start + hour,
      pane: 0,
      at: Date.now() - (72 - index) * 30_000,
      fields: {
        value: 92 + 5 * Math.sin(index / 4) - (odd ? 40 : 0),
        score: odd ? 7 + index / 20 : 1.5 + Math.abs(Math.sin(index)) * 2,
        threshold: 6.2,
        abnormal: odd,
      },
    }
  }).toReversed()

export const newActions = (now: number): Action[] =>
  (['webhook', 'alert', 'webhook'] as const).map((kind, index): Action => ({
    id: `action-${index + 1}`,
    kind,
    state: index === 2 ? 'failed' : 'fired',
    key: `machine/${index}`,
    idempotencyKey: `c0ffee-${index}`,
    attempts: [
      { at: now - 50_000, ok: index !== 2, detail: index === 2 ? 'HTTP 500 from the receiver' : 'HTTP 200' },
    ],
    request:
      kind === 'webhook'
        ? { url: 'http://127.0.0.1:4010/hook', body: { score: 9.8 } }
        : { title: 'Machine temperature is abnormal' },
    run: null,
    deployment: 'deployment-1',
    notebook: { id: 'notebook-watch', version: 2 },
    model: { name: 'machine temperature', version: 2 },
    stream: { id: 'stream-live', name: 'machine temperature live', from: 180, to: 191 },
    window: { key: null, start: live + 16 * hour, end: live + 17 * hour, pane: 0 },
    alert: kind === 'alert' ? 'alert-1' : null,
    at: live + 17 * hour,
    createdAt: now - 60_000,
    firedAt: index === 2 ? null : now - 50_000,
  }))
export const newAlerts = (now: number): Alert[] => [
  {
    id: 'alert-1',
    fingerprint: 'machine',
    severity: 'critical',
    title: 'Machine temperature is abnormal',
    details: { score: 9.8, threshold: 6.2, mean: 51.3 },
    state: 'open',
    count: 4,
    firstAt: live + 17 * hour,
    lastAt: live + 21 * hour,
    links: {
      action: 'action-2',
      deployment: 'deployment-1',
      notebook: 'notebook-watch',
      model: 'machine temperature',
      run: null,
    },
    acknowledgedBy: null,
    revision: 1,
  },
  {
    id: 'alert-2',
    fingerprint: 'lag',
    severity: 'warning',
    title: 'No message for 5 minutes <b>on</b> “machine temperature live”',
    details: {},
    state: 'resolved',
    count: 1,
    firstAt: now - 3 * hour,
    lastAt: now - 3 * hour,
    links: { action: null, deployment: null, notebook: null, model: null, run: null },
    acknowledgedBy: 'owner',
    revision: 2,
  },
]

/** What the server tells of the workspace's names. */
export const declarations = `declare module 'suricate' {
  interface KnownObjects {
    "machine temperature history": { "timestamp": "time"; "value": "number" }
    "machine temperature labels": { "at": "time" }
  }
  interface KnownStreams { "machine temperature live": { "timestamp": string; "value": number } }
  interface KnownModels { "machine temperature": { "features": [{ "name": "highest" }] } }
  interface KnownQueries {}
}
`
