/**
 * The App view of a notebook: its outputs and inputs without code, from a pinned version, in a session of its own. A
 * member opens one with the usual rights; a share link opens one without an account. Whoever opened it gets the
 * session's own secret, to be sent as `x-suricate-app`, and that alone opens the operations under /apps: no token or
 * cookie is looked at there, and the secret of a session or a link means nothing to any other operation.
 */
import { z } from 'zod'
import { inputChange } from './inputs.ts'
import { id, idParams, json, jsonObject, name, operation, page, pageQuery, time } from './operation.ts'
import { output } from './runs.ts'

export const appHeader = 'x-suricate-app'

export const share = z.object({
  id,
  notebook: id,
  name,
  version: z.number().int().describe('pinned: later edits do not reach it'),
  createdBy: z.string(),
  createdAt: time,
  expiresAt: time,
  lastUsedAt: time.nullable(),
  sessions: z.number().int().describe('open now'),
})
export type Share = z.infer<typeof share>

export const appCell = z.object({
  id,
  type: z.enum(['code', 'markdown']),
  /** Of Markdown; code is not told. */
  text: z.string(),
})
export const appState = z.object({
  state: z.enum(['idle', 'running']),
  /** Cells that have ended, of those that were asked for. */
  done: z.number().int(),
  total: z.number().int(),
  /** Why the last one stopped. */
  error: z.object({ cell: id.nullable(), message: z.string() }).nullable(),
})
export type AppState = z.infer<typeof appState>
export const app = z.object({
  id,
  name: z.string(),
  version: z.number().int(),
  /** JSON Schema. */
  parameters: jsonObject,
  /** As the last run had them. */
  values: jsonObject,
  cells: z.array(appCell),
  outputs: z.array(output),
  lastSeq: z.number().int(),
  progress: appState,
  endsAt: time,
})
export type App = z.infer<typeof app>
export const openedApp = z.object({
  id,
  secret: z.string().describe(`sent as ${appHeader} with every call of this session`),
  endsAt: time,
})
export type OpenedApp = z.infer<typeof openedApp>

const secretNote = `with the session's secret as ${appHeader}`

export const appOperations = {
  createShare: operation({
    method: 'post',
    path: '/notebooks/{id}/shares',
    tag: 'shares',
    summary: 'Make a link to the App view of a version; its secret is shown once',
    scope: 'write',
    params: idParams,
    body: z.object({
      name: name.default('Link'),
      version: z.number().int().min(1).optional().describe('default: what the notebook is now'),
      days: z.number().int().min(1).max(365).default(30).describe('until it expires'),
    }),
    status: 201,
    response: z.object({
      share,
      secret: z.string(),
      path: z.string().describe('of the page, with the secret'),
    }),
  }),
  findShares: operation({
    method: 'get',
    path: '/notebooks/{id}/shares',
    tag: 'shares',
    summary: 'Links of a notebook, newest first, without their secrets',
    scope: 'read',
    params: idParams,
    query: pageQuery,
    response: page(share),
  }),
  deleteShare: operation({
    method: 'delete',
    path: '/shares/{id}',
    tag: 'shares',
    summary: 'Revoke a link; its sessions end at once',
    scope: 'write',
    params: idParams,
    status: 204,
  }),
  openSharedApp: operation({
    method: 'post',
    path: '/shares/{id}/open',
    tag: 'apps',
    summary: 'Open the App view with the secret of a link',
    scope: 'public',
    params: idParams,
    body: z.object({ secret: z.string().min(1).max(200) }),
    status: 201,
    response: openedApp,
  }),
  openApp: operation({
    method: 'post',
    path: '/notebooks/{id}/app',
    tag: 'apps',
    summary: 'Open the App view of a notebook as it is now, or of a version',
    scope: 'run',
    params: idParams,
    body: z.object({ version: z.number().int().min(1).optional() }),
    status: 201,
    response: openedApp,
  }),
  getApp: operation({
    method: 'get',
    path: '/apps/{id}',
    tag: 'apps',
    summary: `What an App view shows, ${secretNote}`,
    scope: 'public',
    params: idParams,
    response: app,
  }),
  runApp: operation({
    method: 'post',
    path: '/apps/{id}/run',
    tag: 'apps',
    summary: `Run all of it, ${secretNote}`,
    scope: 'public',
    params: idParams,
    body: z.object({ parameters: jsonObject.default({}) }),
    status: 202,
    response: appState,
  }),
  setAppInput: operation({
    method: 'post',
    path: '/apps/{id}/inputs',
    tag: 'apps',
    summary: `Change an input; what depends on it runs, ${secretNote}`,
    scope: 'public',
    params: idParams,
    body: inputChange,
    response: z.object({ id: z.string(), value: json }),
  }),
  interruptApp: operation({
    method: 'post',
    path: '/apps/{id}/interrupt',
    tag: 'apps',
    summary: `Stop what runs, ${secretNote}`,
    scope: 'public',
    params: idParams,
    response: appState,
  }),
  getAppEvents: operation({
    method: 'get',
    path: '/apps/{id}/events',
    tag: 'apps',
    summary: `app, cell, output and input events, ${secretNote}`,
    scope: 'public',
    params: idParams,
    events: true,
  }),
  closeApp: operation({
    method: 'delete',
    path: '/apps/{id}',
    tag: 'apps',
    summary: `End the session, ${secretNote}`,
    scope: 'public',
    params: idParams,
    status: 204,
  }),
}
