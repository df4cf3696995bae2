/**
 * The REST API in memory, for the pages' tests alone: every operation that the pages call, with plausible documents,
 * checked against the operation's own schema before it is answered.
 */
import { Hono } from 'hono'
import { operations, type OperationId } from '../../runtime/api/operations.ts'
import { sdkDeclarations } from '../../runtime/sdk/declarations.ts'
import type { Operation } from '../../runtime/api/operation.ts'
import * as data from './fake-data.ts'
import { edit, Fault, get, page, remove, respond, toProblem, type Answers, type Call } from './fake-answer.ts'
import { createKernels } from './fake-kernel.ts'
import { triggerAnswers } from './fake-triggers.ts'
import { lateAnswers } from './fake-late.ts'
import { createPackages } from './fake-packages.ts'
import { createStreams } from './fake-streams.ts'

export function createFakeApi(options: { empty?: boolean; token?: string } = {}): Hono {
  const app = new Hono()
  const now = Date.now()
  const full = !options.empty
  const objects = full
    ? [
        data.newObject(now, 'object-history', 'machine temperature history', 11_232, 402_120),
        data.newObject(now, 'object-labels', 'machine temperature labels', 4, 310),
        data.newObject(now, 'object-notes', 'notes.pdf', null, 88_211),
      ]
    : []
  const streams = createStreams(now, full)
  const projects = full ? [data.newProject(now)] : []
  const notebooks = full ? data.newNotebooks(now) : []
  const models = full ? [data.newModel(now)] : []
  const runs = full ? data.newRuns(now) : []
  const deployments = full ? [data.newDeployment(now)] : []
  const actions = full ? data.newActions(now) : []
  const alerts = full ? data.newAlerts(now) : []
  const rows = data.newRows()
  const tokens = [
    {
      id: 'token-1',
      name: 'first',
      member: 'owner',
      scopes: ['read', 'write', 'run', 'admin'],
      projects: null,
      createdAt: now,
      lastUsedAt: now,
      expiresAt: null,
    },
  ]
  let egress = ['127.0.0.1:4010']
  const kernels = createKernels(notebooks)
  const trash: typeof notebooks = []
  /** A version is as the notebook is, but the first, whose last cell said something else and had another after it. */
  const versionCells = (one: (typeof notebooks)[number], version: number) =>
    version > 1
      ? one.cells
      : [
          ...one.cells.slice(0, -1),
          { ...one.cells.at(-1)!, source: 'const answer = 41' },
          { id: 'old', type: 'typescript' as const, source: '// of long ago' },
        ]
  const setDeployment = (state: 'running' | 'paused' | 'draining') => (call: Call) =>
    Object.assign(get(deployments, call.params.id), { state })
  const setAlert = (state: 'acknowledged' | 'resolved') => (call: Call) =>
    Object.assign(get(alerts, call.params.id), { state, acknowledgedBy: 'owner' })

  const answers: Answers = {
    getOverview: () => overview(),
    getMe: () => ({
      member: 'owner',
      name: 'Owner',
      role: 'owner',
      scopes: ['read', 'write', 'run', 'admin'],
      workspace: { id: 'w1', name: 'Home', createdAt: now },
      platformOwner: true,
    }),
    findObjects: () => page(objects),
    getObject: ({ params }) => get(objects, params.id),
    createObject: async ({ query, request }) => {
      const bytes = (await request.arrayBuffer()).byteLength
      if (bytes === 0) throw new Fault(422, 'invalid', 'The file is empty.')
      const made = data.newObject(Date.now(), `object-${objects.length + 1}`, query.name ?? 'file', 3, bytes)
      objects.unshift(made)
      return made
    },
    deleteObject: ({ params }) => remove(objects, params.id),
    getObjectRows: ({ query }) => ({
      columns: [
        { name: 'timestamp', type: 'time' },
        { name: 'value', type: 'number' },
      ],
      rows: Array.from({ length: 50 }, (_, i) => [
        new Date(Date.UTC(2013, 11, 2) + (Number(query.offset ?? 0) + i) * 300_000).toISOString(),
        73.9 + Math.sin(i) * 4,
      ]),
      rowCount: 11_232,
      truncated: true,
    }),
    getObjectProfile: () => ({
      rows: 11_232,
      columns: [
        {
          name: 'timestamp',
          type: 'time',
          native: 'TIMESTAMP',
          missing: 0,
          distinct: 11_230,
          min: '2013-12-02 21:15:00',
          max: '2014-01-09 23:55:00',
          mean: null,
          histogram: [],
        },
        {
          name: 'value',
          type: 'number',
          native: 'DOUBLE',
          missing: 12,
          distinct: 11_190,
          min: 2.08,
          max: 108.5,
          mean: 87.3,
          histogram: Array.from({ length: 20 }, (_, i) => ({
            from: i * 5,
            to: i * 5 + 5,
            count: Math.round(900 * Math.exp(-(((i - 15) / 4) ** 2))) + 3,
          })),
        },
      ],
    }),
    ...streams.answers,
    findProjects: () => page(projects),
    getProject: ({ params }) => get(projects, params.id),
    createProject: ({ body }) => {
      const made = {
        ...data.newProject(Date.now()),
        description: '',
        ...(body as object),
        id: `project-${projects.length + 1}`,
      }
      projects.push(made)
      return made
    },
    ...createPackages(full),
    findNotebooks: ({ query }) =>
      page(
        (query.trash === 'true' ? trash : notebooks)
          .filter((one) => !query.project || one.project === query.project)
          .map(({ cells, parameters: _p, ...rest }) => ({ ...rest, cellCount: cells.length })),
      ),
    getNotebook: ({ params }) => get(notebooks, params.id),
    createNotebook: ({ body }) => {
      const made = {
        ...data.newNotebooks(Date.now())[0]!,
        tags: [],
        parameters: {},
        version: 0,
        revision: 1,
        ...(body as object),
        id: `notebook-${notebooks.length + 1}`,
      }
      made.cells = [{ id: 'first', type: 'typescript', source: '' }]
      notebooks.push(made)
      return made
    },
    updateNotebook: (call) => edit(notebooks, call),
    deleteNotebook: ({ params, query }) => {
      if (query.purge === 'true') return remove(trash, params.id)
      trash.push({ ...get(notebooks, params.id), deletedAt: Date.now() })
      return remove(notebooks, params.id)
    },
    restoreNotebook: ({ params }) => {
      const { deletedAt: _, ...back } = get(trash, params.id)
      remove(trash, params.id)
      notebooks.push(back)
      return back
    },
    restoreNotebookVersion: (call) => {
      const one = get(notebooks, call.params.id)
      const cells = versionCells(one, Number(call.params.version))
      one.version += 1
      return edit(notebooks, { ...call, body: { cells } })
    },
    findNotebookVersions: ({ params }) => {
      const one = get(notebooks, params.id)
      return page(
        Array.from({ length: one.version }, (_, i) => ({
          notebook: one.id,
          version: one.version - i,
          message: i === 0 ? 'shorter window' : '',
          cells: versionCells(one, one.version - i),
          parameters: {},
          createdAt: now - i * data.hour,
        })),
      )
    },
    createNotebookVersion: ({ params, body }) => {
      const one = get(notebooks, params.id)
      one.version += 1
      return {
        notebook: one.id,
        version: one.version,
        message: String(body.message ?? ''),
        cells: one.cells,
        parameters: {},
        createdAt: Date.now(),
      }
    },
    ...kernels.answers,
    createRun: ({ params, body }) => {
      const made = {
        ...data.newRuns(Date.now())[1]!,
        id: `run-${runs.length + 1}`,
        parameters: (body.parameters ?? {}) as Record<string, string>,
        createdAt: Date.now(),
      }
      made.notebook = { ...made.notebook, id: params.id! }
      runs.unshift(made)
      return made
    },
    findRuns: ({ query }) =>
      page(
        runs.filter(
          (run) =>
            (!query.state || run.state === query.state) &&
            (!query.notebook || run.notebook.id === query.notebook),
        ),
      ),
    getRun: ({ params }) => get(runs, params.id),
    cancelRun: ({ params }) =>
      Object.assign(get(runs, params.id), { state: 'cancelled', endedAt: Date.now() }),
    ...triggerAnswers(now),
    findModels: () => page(models),
    getModel: ({ params }) => {
      const found = models.find((model) => model.name === params.name)
      if (!found) throw new Fault(404, 'not-found', `There is no model ${params.name}.`)
      return found
    },
    moveAlias: ({ params, body }) => {
      const found = models.find((model) => model.name === params.name)!
      found.aliases[params.alias!] = Number(body.version)
      found.history.push({ alias: params.alias!, version: Number(body.version), at: Date.now(), by: 'owner' })
      return found
    },
    findDeployments: () => page(deployments),
    getDeployment: ({ params }) => get(deployments, params.id),
    createDeployment: ({ body }) => {
      const made = {
        ...data.newDeployment(Date.now()),
        id: `deployment-${deployments.length + 1}`,
        name: String(body.name ?? 'new'),
      }
      deployments.unshift(made)
      return made
    },
    pauseDeployment: setDeployment('paused'),
    resumeDeployment: setDeployment('running'),
    drainDeployment: setDeployment('draining'),
    moveDeployment: setDeployment('running'),
    ...lateAnswers(now, full),
    deleteDeployment: ({ params }) => remove(deployments, params.id),
    findRows: () => page(rows),
    findActions: ({ query }) =>
      page(
        actions.filter(
          (one) =>
            (!query.state || one.state === query.state) &&
            (!query.deployment || one.deployment === query.deployment),
        ),
      ),
    getAction: ({ params }) => get(actions, params.id),
    getInstant: ({ params }) => ({
      input: { key: null, message: { seq: 7, body: { value: 109 } } },
      state: {},
      now: get(actions, params.id).at,
      seed: 7,
      row: null,
      actions: [],
      replies: [],
    }),
    openInstant: () => ({ ...get(notebooks, 'notebook-watch'), id: 'notebook-watch' }),
    retryAction: ({ params }) =>
      Object.assign(get(actions, params.id), { state: 'fired', firedAt: Date.now() }),
    findAlerts: ({ query }) => page(alerts.filter((one) => !query.state || one.state === query.state)),
    getAlert: ({ params }) => get(alerts, params.id),
    acknowledgeAlert: setAlert('acknowledged'),
    resolveAlert: setAlert('resolved'),
    findWorkspaces: () => page([{ id: 'w1', name: 'Home', createdAt: now }]),
    createWorkspace: ({ body }) => ({
      workspace: { id: 'w2', name: String(body.name), createdAt: Date.now() },
      token: 'sur_secret_of_the_owner',
    }),
    findTokens: () => page(tokens),
    createToken: ({ body }) => {
      const made = {
        ...tokens[0]!,
        lastUsedAt: null as number | null,
        ...(body as object),
        id: `token-${tokens.length + 1}`,
        projects: null,
        expiresAt: null,
      } as (typeof tokens)[number]
      tokens.push(made)
      return { token: made, value: 'sur_0123456789abcdef' }
    },
    deleteToken: ({ params }) => remove(tokens, params.id),
    getSettings: () => ({
      egress,
      usage: { documents: 4_200_000, log: 1_204_000, blobs: 52_000_000 },
      sandbox: { mode: 'uid, unshare, setpriv, prlimit', missing: [] },
      version: '0.1.0',
    }),
    putEgress: ({ body }) => {
      egress = body.allow as string[]
      return { allow: egress }
    },
    findAudit: () =>
      page([{ id: 'a1', at: now, actor: 'owner', action: 'createToken', target: 'token-1', details: {} }]),
    getHealth: () => ({ status: 'ok', version: '0.1.0' }),
  }
  const overview = () => {
    const at = Date.now()
    return {
      at,
      data: {
        objects: objects.length,
        streams: streams.list.length,
        rate: full ? 1240 : 0,
        spark: full
          ? Array.from({ length: 60 }, (_, i) => ({
              at: at - (60 - i) * 60_000,
              value: i < 12 ? 0 : 800 + Math.sin(i / 3) * 300,
            }))
          : [],
      },
      analytics: {
        notebooks: notebooks.filter((one) => one.kind === 'analytics').length,
        lastRunAt: runs[1]?.endedAt ?? null,
      },
      processing: {
        notebooks: notebooks.filter((one) => one.kind === 'processing').length,
        deployed: deployments.length,
        failed: 0,
        lag: full ? 3 : 0,
      },
      watches: {
        on: deployments.length,
        openAlerts: alerts.filter((alert) => alert.state === 'open').length,
      },
      models: { models: models.length, versions: models.length * 3, lastAt: full ? now - data.hour : null },
      runs: {
        queued: 0,
        running: runs.filter((run) => run.state === 'running').length,
        today: runs.length,
        failedToday: runs.length > 0 ? 1 : 0,
        cpuMsToday: runs.length * 840,
        spark: full
          ? Array.from({ length: 24 }, (_, i) => ({ at: at - (24 - i) * data.hour, value: (i * 7) % 5 }))
          : [],
      },
      kernels: full ? 1 : 0,
      storeBytes: 57_000_000,
      timeline: full ? timeline(at) : [],
    }
  }
  const timeline = (at: number) =>
    [
      ...rows.map((row, i) => ({
        at: at - i * 30_000 - 40_000,
        eventTime: row.end,
        kind: 'row',
        id: row.id,
        title: 'Watch the machine',
        state: 'window',
        value: Number(row.fields.score),
        link: '/deployments/deployment-1',
      })),
      ...runs.map((run) => ({
        at: run.createdAt,
        eventTime: null,
        kind: 'run',
        id: run.id,
        title: run.notebook.name,
        state: run.state,
        value: null,
        link: `/runs/${run.id}`,
      })),
      ...actions.map((one) => ({
        at: one.createdAt - 300_000,
        eventTime: one.at,
        kind: 'action',
        id: one.id,
        title: one.kind,
        state: one.state,
        value: null,
        link: `/actions/${one.id}`,
      })),
      ...alerts.slice(0, 1).map((one) => ({
        at: at - 340_000,
        eventTime: one.firstAt,
        kind: 'alert',
        id: one.id,
        title: one.title,
        state: one.state,
        value: null,
        link: `/alerts?id=${one.id}`,
      })),
    ].toSorted((a, b) => a.at - b.at)

  app.post('/api/session', async (c) => {
    const { token } = await c.req.json<{ token?: string }>()
    if (token !== (options.token ?? 'sur_token'))
      return toProblem(new Fault(401, 'unauthorized', 'This token is not valid.'))
    return new Response(null, {
      status: 204,
      headers: { 'set-cookie': 'suricate_session=s; Path=/; HttpOnly; SameSite=Lax' },
    })
  })
  app.delete(
    '/api/session',
    () =>
      new Response(null, { status: 204, headers: { 'set-cookie': 'suricate_session=; Path=/; Max-Age=0' } }),
  )
  app.get('/api/v1/sdk.d.ts', (c) => c.text(sdkDeclarations()))
  app.get('/api/v1/notebooks/:id/declarations', (c) => c.text(data.declarations, 200, { etag: '"1"' }))
  for (const [id, operation] of Object.entries(operations) as [OperationId, Operation][])
    app.on(
      operation.method.toUpperCase(),
      `/api/v1${operation.path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
      async (c) => {
        if (!c.req.header('cookie')?.includes(`suricate_session=${full ? 's' : 'e'}`))
          return toProblem(new Fault(401, 'unauthorized', 'Sign in.'))
        if (id === 'getStreamEvents') return streams.events(c.req.raw)
        if (operation.events) return kernels.events(id, c.req.raw)
        return respond(id, operation, answers[id], c)
      },
    )
  return app
}
