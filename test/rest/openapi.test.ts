/** Every operation is called once against the real server, and its answer is checked by the operation's own schema. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { createClient } from '../../runtime/api/client.ts'
import { operations, type OperationId } from '../../runtime/api/operations.ts'
import type { Operation } from '../../runtime/api/operation.ts'
import { startServer, type TestServer, until } from '../server.ts'

let server: TestServer
const called = new Set<string>()
const statuses: { [operation: string]: number } = {}

beforeAll(async () => {
  // Nobody listens there: adding a package for real has a test of its own.
  server = await startServer({ environment: { SURICATE_NPM_REGISTRY: 'http://127.0.0.1:9' } })
})
afterAll(() => server.close())

interface Given {
  params?: Record<string, string | number>
  query?: Record<string, string | number>
  body?: unknown
  raw?: string
  type?: string
  revision?: number
  headers?: Record<string, string>
}
async function call(id: OperationId, given: Given = {}): Promise<Record<string, never>> {
  const operation: Operation = operations[id]
  called.add(id)
  const client = createClient({ base: '', token: '' })
  const path = client.url(id, { params: given.params ?? {}, query: given.query ?? {} }).replace('/api/v1', '')
  const headers: Record<string, string> = { ...given.headers }
  if (given.type) headers['content-type'] = given.type
  if (given.body !== undefined) headers['content-type'] = 'application/json'
  if (given.revision !== undefined) headers['if-match'] = `"${given.revision}"`
  const body = given.raw ?? (given.body === undefined ? undefined : JSON.stringify(given.body))
  const stop = new AbortController()
  const response = await server.fetch(path, {
    method: operation.method.toUpperCase(),
    headers,
    signal: stop.signal,
    ...(body === undefined ? {} : { body }),
  })
  statuses[id] = response.status
  if (operation.events) {
    expect([id, response.status, response.headers.get('content-type')]).toEqual([
      id,
      200,
      'text/event-stream',
    ])
    stop.abort()
    return {}
  }
  const text = await response.text()
  expect([id, response.status >= 200 && response.status < 300, text.slice(0, 300)]).toEqual([
    id,
    true,
    text.slice(0, 300),
  ])
  if (!operation.response || response.status === 204) return {}
  const value: unknown = JSON.parse(text)
  const parsed = (operation.response as z.ZodType).safeParse(value)
  expect([id, parsed.success ? [] : parsed.error.issues.slice(0, 3)]).toEqual([id, []])
  return value as Record<string, never>
}

describe('every operation', () => {
  test('access and overview', async () => {
    const description = await call('getOpenApi')
    expect(description['openapi']).toBe('3.1.0')
    for (const id of [
      'getHealth',
      'getReady',
      'getMetrics',
      'getSdkTypes',
      'getOverview',
      'getEvents',
      'getMe',
    ] as const)
      await call(id)
    await call('createWorkspace', { body: { name: 'Second' } })
    await call('findWorkspaces')
    const made = (await call('createToken', { body: { name: 'reader', scopes: ['read'] } })) as unknown as {
      token: { id: string }
    }
    await call('findTokens')
    await call('deleteToken', { params: { id: made.token.id } })
    await call('getSettings')
    await call('putEgress', { body: { allow: ['127.0.0.1:9'] } })
    await call('findAudit')
  })

  test('objects', async () => {
    const csv = 'host,cpu\nweb-1,3\nweb-2,4\n'
    const made = (await call('createObject', {
      query: { name: 'a.csv' },
      raw: csv,
      type: 'text/csv',
    })) as unknown as { id: string; revision: number }
    const params = { id: made.id }
    await call('findObjects')
    await call('getObject', { params })
    await call('getObjectContent', { params })
    await call('getObjectRows', { params })
    await call('getObjectProfile', { params })
    await call('query', { body: { sql: 'select sum(cpu) as total from "a.csv"' } })
    const renamed = (await call('updateObject', {
      params,
      revision: made.revision,
      body: { name: 'b.csv' },
    })) as unknown as { revision: number }
    await call('putObjectContent', {
      params,
      revision: renamed.revision,
      raw: csv + 'web-3,5\n',
      type: 'text/csv',
    })
    await call('deleteObject', { params })
  })

  test('collectors', async () => {
    const stream = (await call('createStream', {
      body: { name: 'probe', source: { type: 'http' } },
    })) as unknown as { id: string }
    const params = { id: 'collector-1' }
    const body = { host: 'web-1', name: 'web-1', stream: stream.id, bpftrace: true, scripts: true, every: 1 }
    await call('putCollector', { params, body })
    const following = new AbortController()
    const response = await server.fetch('/collectors/collector-1/events', { signal: following.signal })
    await until(
      async () => JSON.stringify(await call('findCollectors')).includes('"connected":true'),
      5000,
      'the collector to be connected',
    )
    const job = (await call('createCollectorJob', {
      params,
      body: { script: 'BEGIN { exit() }', seconds: 1 },
    })) as unknown as { id: string }
    const jobParams = { ...params, job: job.id }
    await call('updateCollectorJob', { params: jobParams, body: { state: 'running' } })
    await call('cancelCollectorJob', { params: jobParams })
    following.abort()
    await response.body?.cancel().catch(() => undefined)
    await call('getCollectorEvents', { params })
    await call('deleteCollector', { params })
  })

  test('streams', async () => {
    const definition = { name: 'events', source: { type: 'http' }, eventTime: { path: 'at' } }
    const made = (await call('createStream', { body: definition })) as unknown as {
      id: string
      revision: number
    }
    const params = { id: made.id }
    await call('testStream', { body: definition })
    await call('testSavedStream', { params })
    await call('pushMessages', {
      params,
      raw: '[{"at":"2026-01-01 00:00:00","v":1},{"v":2}]',
      type: 'application/json',
    })
    const nanos = `${Date.now()}000000`
    const gauge = { name: 'cpu', gauge: { dataPoints: [{ asDouble: 1, timeUnixNano: nanos }] } }
    await call('pushOtlpMetrics', {
      params,
      raw: JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics: [gauge] }] }] }),
      type: 'application/json',
    })
    const log = { body: { stringValue: 'x' }, timeUnixNano: nanos }
    await call('pushOtlpLogs', {
      params,
      raw: JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [log] }] }] }),
      type: 'application/json',
    })
    await call('findMessages', { params })
    // nobody listens there, and nothing is made
    const none = { type: 'amqp', url: 'amqp://127.0.0.1:9', queue: 'q' }
    await call('makeQueue', { body: { source: none } })
    await call('previewMessage', { body: { definition: {}, text: '{"at":1}' } })
    await call('findDeadLetters', { params })
    await call('replayDeadLetters', { params, body: { seqs: [1] } })
    await call('getStreamRates', { params })
    await call('getStreamSchema', { params })
    await call('findStreamRollups', { params })
    await call('getStreamRetention', { params })
    await call('getStreamTime', { params })
    await call('getStreamEvents', { params })
    await call('findStreams')
    const now = (await call('getStream', { params })) as unknown as { revision: number }
    await call('updateStream', { params, revision: now.revision, body: { lateness: 1000 } })
    await call('deleteStream', { params })
  })

  test('notebooks, runs, kernels, triggers, models, deployments, actions', async () => {
    const project = (await call('createProject', { body: { name: 'P' } })) as unknown as {
      id: string
      revision: number
    }
    await call('findProjects')
    await call('getProject', { params: { id: project.id } })
    const added = await call('addPackage', { params: { id: project.id }, body: { name: 'd3-array' } })
    await call('findPackages', { params: { id: project.id } })
    await call('deletePackage', { params: { id: project.id, package: String(added['id']) } })
    await call('updateProject', {
      params: { id: project.id },
      revision: project.revision,
      body: { description: 'x' },
    })
    const source = "await models.save('m', { a: 1 }, { metrics: { f1: 1 } }); await act.alert('A', {}); 1 + 1"
    const notebook = (await call('createNotebook', {
      body: { name: 'N', project: project.id, cells: [{ source }] },
    })) as unknown as { id: string; revision: number }
    const params = { id: notebook.id }
    await call('findNotebooks')
    await call('getNotebook', { params })
    await call('getNotebookOpenApi', { params })
    await call('getNotebookDeclarations', { params })
    await call('updateNotebook', { params, revision: notebook.revision, body: { tags: ['t'] } })
    await call('createNotebookVersion', { params, body: { message: 'first' } })
    await call('findNotebookVersions', { params })
    await call('getNotebookVersion', { params: { ...params, version: 1 } })
    const edited = (await call('getNotebook', { params })) as unknown as { revision: number }
    await call('restoreNotebookVersion', { params: { ...params, version: 1 }, revision: edited.revision })
    const exported = await server.fetch(`/notebooks/${notebook.id}/export?format=ts`)
    called.add('exportNotebook')
    expect([exported.status, exported.headers.get('content-type')]).toEqual([
      200,
      'text/typescript; charset=utf-8',
    ])
    const imported = (await call('importNotebook', {
      query: { project: project.id },
      raw: await exported.text(),
      type: 'text/typescript',
    })) as unknown as { id: string; name: string }
    expect(imported.name).toBe('N (2)')
    await call('deleteNotebook', { params: { id: imported.id } })
    await call('restoreNotebook', { params: { id: imported.id } })
    await call('deleteNotebook', { params: { id: imported.id }, query: { purge: 'true' } })
    const run = (await call('createRun', { params, query: { wait: 30 }, body: {} })) as unknown as {
      id: string
      state: string
      result: number
      error: unknown
    }
    expect([run.state, run.result, run.error]).toEqual(['succeeded', 2, null])
    await call('findRuns')
    await call('getRun', { params: { id: run.id } })
    await call('getRunEvents', { params: { id: run.id } })
    const long = (await call('createRun', { params, body: {} })) as unknown as { id: string }
    await call('cancelRun', { params: { id: long.id } })

    const kernel = (await call('openKernel', { params })) as unknown as { id: string }
    const kernelParams = { params: { id: kernel.id } }
    await call('execute', { ...kernelParams, query: { wait: 20 }, body: { source: '2 + 3' } })
    const made = { source: "ui.slider('Hours', { max: 48 })", cell: 'c-input' }
    await call('execute', { ...kernelParams, query: { wait: 20 }, body: made })
    await call('setInput', { ...kernelParams, body: { id: 'c-input.1', value: 12 } })
    const rows = 'Array.from({ length: 101 }, (_, i) => ({ i }))'
    const shown = (await call('execute', {
      ...kernelParams,
      query: { wait: 20 },
      body: { source: rows },
    })) as unknown as { outputs: { data: Record<string, { ref: string }> }[] }
    const table = { params: { id: shown.outputs[0]!.data['application/vnd.suricate.table+json']!.ref } }
    await call('getTable', table)
    await call('getTableRows', { ...table, query: { limit: 5, sort: 'i' } })
    await call('getTableProfile', table)
    await call('getTableContent', { ...table, query: { format: 'csv' } })
    await call('getKernel', kernelParams)
    await call('findKernels')
    await call('findExecutions', kernelParams)
    await call('findPresence', { params })
    await call('putPresence', { params, body: { tab: 'a-tab-of-this-test', cell: 'c1' } })
    await call('findVariables', kernelParams)
    await call('interruptKernel', kernelParams)
    await call('restartKernel', kernelParams)
    await call('getKernelEvents', kernelParams)
    await call('getNotebookOutputs', { params })
    await call('closeKernel', kernelParams)

    const link = (await call('createShare', { params, body: {} })) as unknown as {
      share: { id: string }
      secret: string
    }
    await call('findShares', { params })
    await call('openSharedApp', { params: { id: link.share.id }, body: { secret: link.secret } })
    await call('deleteShare', { params: { id: link.share.id } })
    const app = (await call('openApp', { params, body: {} })) as unknown as { id: string; secret: string }
    const opened = { params: { id: app.id }, headers: { 'x-suricate-app': app.secret } }
    await call('runApp', { ...opened, body: {} })
    await call('getApp', opened)
    await call('getAppEvents', opened)
    await call('interruptApp', opened)
    const none = await server.fetch(`/apps/${app.id}/inputs`, {
      method: 'POST',
      headers: opened.headers,
      body: '{"id":"c","value":1}',
    })
    called.add('setAppInput')
    expect(none.status).toBe(404)
    await call('closeApp', opened)

    const trigger = (await call('createTrigger', {
      body: { notebook: notebook.id, spec: { type: 'schedule', cron: '0 0 1 1 *' } },
    })) as unknown as { id: string; revision: number }
    await call('findTriggers')
    const ofTrigger = { params: { id: trigger.id } }
    await call('getTrigger', ofTrigger)
    await call('fireTrigger', { ...ofTrigger, body: {} })
    const hook = (await call('createTriggerToken', ofTrigger)) as unknown as { token: string }
    await call('callHook', { params: hook, body: {} })
    await call('findFirings', ofTrigger)
    await call('previewSchedule', { query: { cron: '0 9 * * *', zone: 'Europe/Berlin' } })
    await call('updateTrigger', { ...ofTrigger, revision: trigger.revision, body: { enabled: false } })
    await call('deleteTrigger', { params: { id: trigger.id } })

    // those of the trigger save versions of the model
    await until(
      async () =>
        (await server.client.call('findRuns', {})).items.every(
          ({ state }) => state !== 'queued' && state !== 'running',
        ),
      20_000,
      'the runs to end',
    )
    await call('findModels')
    const model = (await call('getModel', { params: { name: 'm' } })) as unknown as { revision: number }
    await call('findModelVersions', { params: { name: 'm' } })
    await call('getModelVersion', { params: { name: 'm', version: 1 } })
    await call('moveAlias', {
      params: { name: 'm', alias: 'challenger' },
      revision: model.revision,
      body: { version: 1 },
    })
    await call('deleteModel', { params: { name: 'm' } })

    const live = await server.client.call('createStream', {
      body: { name: 'live', source: { type: 'http' } },
    })
    const guard = await server.client.call('createNotebook', {
      body: {
        name: 'G',
        project: project.id,
        kind: 'processing',
        cells: [
          {
            source:
              "await streams.on('live', {}, async ({ message }) => { await act.alert('Guarded ' + Math.random()); return { value: message.body.v } })",
          },
        ],
      },
    })
    const deployment = (await call('createDeployment', { body: { notebook: guard.id } })) as unknown as {
      id: string
    }
    const deployed = { params: { id: deployment.id } }
    await until(
      async () => (await server.client.call('getDeployment', deployed)).state === 'running',
      20_000,
      'the deployment to run',
    )
    await call('findDeployments')
    await call('getDeployment', deployed)
    await call('pauseDeployment', deployed)
    await call('resumeDeployment', deployed)
    await call('findRows', deployed)
    await call('getDeploymentEvents', deployed)
    const [fired] = await until(
      async () => {
        await server.client.call('pushMessages', { params: { id: live.id }, raw: '{"v":1}' })
        const { items } = await server.client.call('findActions', { query: { deployment: deployment.id } })
        return items.length > 0 && items
      },
      10_000,
      'the action of the deployment',
    )
    const instant = { params: { id: fired!.id } }
    await call('getInstant', instant)
    const copy = (await call('openInstant', instant)) as unknown as { id: string }
    const body = { action: fired!.id }
    const again = await server.client.call('createRun', {
      params: { id: copy.id },
      query: { wait: 30 },
      body,
    })
    expect(again.result).toMatchObject({ fires: true, same: true, askedAnew: [] })
    await call('deleteNotebook', { params: { id: copy.id }, query: { purge: 'true' } })
    await call('moveDeployment', deployed)
    await call('findLateMessages', deployed)
    await call('drainDeployment', deployed)
    await call('deleteDeployment', deployed)

    const actions = await until(
      async () => {
        const page = await server.client.call('findActions', {})
        return page.items.length > 0 && page
      },
      10_000,
      'the action of the run',
    )
    called.add('findActions')
    await call('getAction', { params: { id: actions.items[0]!.id } })
    const alerts = await until(
      async () => {
        const page = await server.client.call('findAlerts', {})
        return page.items.length > 0 && page
      },
      10_000,
      'the alert of the run',
    )
    called.add('findAlerts')
    const alert = { params: { id: alerts.items[0]!.id } }
    await call('getAlert', alert)
    await call('acknowledgeAlert', alert)
    await call('resolveAlert', alert)
    const refused = await server.fetch(`/actions/${actions.items[0]!.id}/retry`, { method: 'POST' })
    called.add('retryAction')
    expect(refused.status).toBe(409)

    await call('deleteNotebook', { params: { id: guard.id }, query: { purge: 'true' } })
    await call('deleteNotebook', { params, query: { purge: 'true' } })
    await call('deleteProject', { params: { id: project.id } })
  }, 120_000)

  test('none was left out', () => {
    expect(Object.keys(operations).filter((id) => !called.has(id))).toEqual([])
  })
})

describe('the description', () => {
  test('has an operation for each, with its status and its problems', async () => {
    const description = (await (await server.fetch('/openapi.json')).json()) as {
      paths: {
        [path: string]: {
          [method: string]: { operationId: string; responses: { [status: string]: unknown } }
        }
      }
    }
    const found = Object.values(description.paths).flatMap((path) => Object.values(path))
    expect(found.map((o) => o.operationId).sort()).toEqual(Object.keys(operations).sort())
    for (const o of found) {
      expect(Object.keys(o.responses)).toContain('default')
      const status = statuses[o.operationId]
      if (status !== undefined)
        expect([o.operationId, Object.keys(o.responses)]).toEqual([
          o.operationId,
          expect.arrayContaining([String(status)]),
        ])
    }
  })
})
