import { z } from 'zod'
import { id, idParams, jsonObject, name, operation, page, pageQuery, time } from './operation.ts'

export const role = z.enum(['owner', 'editor', 'viewer'])
export const scope = z.enum(['read', 'write', 'run', 'admin'])
export const workspace = z.object({ id, name, createdAt: time })
export const token = z.object({
  id,
  name,
  member: z.string(),
  scopes: z.array(scope),
  /** Ids of projects; null: all. */
  projects: z.array(id).nullable(),
  createdAt: time,
  lastUsedAt: time.nullable(),
  expiresAt: time.nullable(),
})
export type Token = z.infer<typeof token>
export const tokenSpec = z.object({
  name,
  scopes: z.array(scope).min(1).default(['read', 'write', 'run']),
  projects: z.array(id).nullable().default(null),
  expiresAt: time.nullable().default(null),
})
export const me = z.object({
  member: z.string(),
  name: z.string(),
  role,
  scopes: z.array(scope),
  workspace,
  platformOwner: z.boolean(),
})
export type Me = z.infer<typeof me>
export const settings = z.object({
  egress: z.array(z.string()),
  usage: z.object({ documents: z.number(), log: z.number(), blobs: z.number() }),
  sandbox: z.object({ mode: z.string(), missing: z.array(z.string()) }),
  version: z.string(),
})
export const auditEntry = z.object({
  id,
  at: time,
  actor: z.string(),
  action: z.string(),
  target: z.string().nullable(),
  details: jsonObject,
})

export const accessOperations = {
  getMe: operation({
    method: 'get',
    path: '/me',
    tag: 'access',
    summary: 'Who this token is',
    scope: 'read',
    response: me,
  }),
  findWorkspaces: operation({
    method: 'get',
    path: '/workspaces',
    tag: 'access',
    summary: 'Workspaces (owner of tenant0)',
    scope: 'admin',
    query: pageQuery,
    response: page(workspace),
  }),
  createWorkspace: operation({
    method: 'post',
    path: '/workspaces',
    tag: 'access',
    summary: 'Make a workspace (owner of tenant0); its owner’s first token is shown once',
    scope: 'admin',
    body: z.object({ name }),
    status: 201,
    response: z.object({ workspace, token: z.string() }),
  }),
  findTokens: operation({
    method: 'get',
    path: '/tokens',
    tag: 'access',
    summary: 'Tokens of the workspace',
    scope: 'admin',
    query: pageQuery,
    response: page(token),
  }),
  createToken: operation({
    method: 'post',
    path: '/tokens',
    tag: 'access',
    summary: 'Make a token; its value is shown once',
    scope: 'admin',
    body: tokenSpec,
    status: 201,
    response: z.object({ token, value: z.string() }),
  }),
  deleteToken: operation({
    method: 'delete',
    path: '/tokens/{id}',
    tag: 'access',
    summary: 'Revoke a token',
    scope: 'admin',
    params: idParams,
    status: 204,
  }),
  getSettings: operation({
    method: 'get',
    path: '/settings',
    tag: 'access',
    summary: 'Settings and usage',
    scope: 'read',
    response: settings,
  }),
  putEgress: operation({
    method: 'put',
    path: '/settings/egress',
    tag: 'access',
    summary: 'Allow exact host:port pairs for egress (single-user mode)',
    scope: 'admin',
    body: z.object({
      allow: z
        .array(z.string().regex(/^[^\s/:]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$/, 'must be host:port'))
        .max(100),
    }),
    response: z.object({ allow: z.array(z.string()) }),
  }),
  findAudit: operation({
    method: 'get',
    path: '/audit',
    tag: 'access',
    summary: 'Who changed what',
    scope: 'admin',
    query: pageQuery,
    response: page(auditEntry),
  }),
}
