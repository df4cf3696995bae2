/**
 * The REST API as a Hono app: routes and the OpenAPI description come from the one table of operations. This wrapper
 * does what all share (authentication, rights, limits, validation, If-Match, Idempotency-Key, errors, audit); the
 * handlers are thin.
 */
import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import type { Logger } from 'pino'
import type { z } from 'zod'
import { checkRight, type Actor } from '../../runtime/access/actor.ts'
import type { Operation } from '../../runtime/api/operation.ts'
import { operations, type OperationId } from '../../runtime/api/operations.ts'
import type { Clock } from '../../runtime/clock.ts'
import { AppError } from '../../runtime/error.ts'
import { newId } from '../../runtime/id.ts'
import type { Json } from '../../runtime/json.ts'
import type { Store } from '../../runtime/store/port.ts'
import { readJson } from './body.ts'
import { openConnections, type Connections } from './connections.ts'
import type { Call, Handlers } from './handler.ts'
import { answerOnce, type Answer } from './idempotency.ts'
import { toRouteConfig } from './description.ts'
import { toInvalid, toResponse } from './problem.ts'

export interface ApiOptions {
  handlers: Omit<Handlers, 'getOpenApi'>
  /** Who sends this; throws unauthorized. */
  authenticate(request: Request): Promise<Actor>
  store: Pick<Store, 'in'>
  clock: Clock
  log: Logger
  version: string
  onAnswer?(operation: string, status: number, ms: number): void
  /** Default: those of this process, with their limits. */
  connections?: Connections
}
type AnyHandler = (call: Call<OperationId>) => Promise<unknown>

export function createApi(options: ApiOptions): OpenAPIHono {
  const app = new OpenAPIHono().basePath('/api/v1') as OpenAPIHono
  let description: unknown
  const connections = options.connections ?? openConnections(options)
  const handlers = {
    ...options.handlers,
    getOpenApi: () => Promise.resolve((description ??= describe())),
  } as unknown as { [Id in OperationId]: AnyHandler }
  const describe = () =>
    app.getOpenAPI31Document({
      openapi: '3.1.0',
      info: { title: 'Suricate', version: options.version, description: 'Analytics notebooks as a service' },
      security: [{ bearer: [] }],
    })
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' })
  for (const [id, operation] of Object.entries(operations) as [OperationId, Operation][]) {
    app.openAPIRegistry.registerPath(createRoute(toRouteConfig(id, operation)))
    app.on(operation.method.toUpperCase(), operation.path.replaceAll(/\{(\w+)\}/g, ':$1'), (c) =>
      answer(id, operation, handlers[id], c.req.raw, c.req.param() as Record<string, string>, {
        ...options,
        connections,
      }),
    )
  }
  app.notFound((c) =>
    toResponse(
      new AppError('not-found', `There is no ${c.req.method} ${c.req.path}. See /api/v1/openapi.json.`),
      c.req.path,
    ),
  )
  return app
}

async function answer(
  id: OperationId,
  operation: Operation,
  handler: AnyHandler,
  request: Request,
  params: Record<string, string>,
  options: ApiOptions & { connections: Connections },
): Promise<Response> {
  const started = performance.now()
  const path = new URL(request.url).pathname
  let response: Response
  try {
    response = await work(id, operation, handler, request, params, options)
  } catch (error) {
    response = toResponse(known(error, id, options.log), path)
  }
  if (request.method === 'HEAD') response = new Response(null, response)
  options.onAnswer?.(id, response.status, performance.now() - started)
  return response
}

/** An unknown error is logged with an id and answered with that id alone. */
function known(error: unknown, id: OperationId, log: Logger): AppError {
  if (error instanceof AppError && error.code !== 'internal') return error
  const reference = newId('err')
  log.error({ err: error, reference, operation: id }, 'unexpected error')
  return new AppError(
    'internal',
    `Something went wrong here, not with your request. The log has it as ${reference}.`,
  )
}

async function work(
  id: OperationId,
  operation: Operation,
  handler: AnyHandler,
  request: Request,
  rawParams: Record<string, string>,
  options: ApiOptions & { connections: Connections },
): Promise<Response> {
  const actor = operation.scope === 'public' ? nobody : await options.authenticate(request)
  if (operation.scope !== 'public') checkRight(actor, operation.scope)
  const params = operation.params ? parse('path', operation.params, rawParams) : {}
  const url = new URL(request.url)
  const query = operation.query ? parse('query', operation.query, Object.fromEntries(url.searchParams)) : {}
  const revision = operation.etag === 'requires' ? toRevision(request.headers.get('if-match')) : 0
  const read = operation.body ? await readJson(request, operation.maxBodyBytes) : undefined
  const body = operation.body && read ? parse('body', operation.body, read.value) : undefined
  const connection = operation.events ? options.connections.open(actor, request) : undefined
  const call = {
    actor,
    params,
    query,
    body,
    revision,
    request,
    signal: connection ? AbortSignal.any([request.signal, connection.signal]) : request.signal,
    lastEventId: request.headers.get('last-event-id') ?? url.searchParams.get('lastEventId'),
    ...(connection ? { release: () => connection.release() } : {}),
  } as unknown as Call<OperationId>
  const run = async () => {
    let result: unknown
    try {
      result = await handler(call)
    } catch (error) {
      connection?.release()
      throw error
    }
    if (operation.method !== 'get' && (operation.scope === 'write' || operation.scope === 'admin'))
      await audit(id, actor, params as Record<string, string>, options)
    return result
  }
  const key = request.headers.get('idempotency-key')
  if (operation.idempotent && key) {
    const scope = { key, operation: id, target: url.pathname, member: actor.member, body: read?.text ?? '' }
    return toJsonResponse(
      await answerOnce(options.store.in(actor.workspace), options.clock, scope, async () => {
        const result = await run()
        if (result instanceof Response) throw new AppError('internal', `${id} cannot be idempotent`)
        return toAnswer(operation, result, url.pathname)
      }),
    )
  }
  const result = await run()
  return result instanceof Response ? result : toJsonResponse(toAnswer(operation, result, url.pathname))
}

const nobody: Actor = {
  workspace: '',
  member: '',
  name: '',
  role: 'viewer',
  rights: [],
  projects: [],
  platformOwner: false,
}

function parse(where: string, schema: z.ZodType, value: unknown): unknown {
  const result = schema.safeParse(value)
  if (!result.success) throw toInvalid(where, result.error)
  return result.data
}

function toRevision(header: string | null): number {
  if (header === null)
    throw new AppError(
      'precondition-required',
      'Send If-Match with the ETag that you read, so that nobody’s change is lost.',
    )
  const match = /^(?:W\/)?"(\d{1,15})"$/.exec(header.trim())
  if (!match) throw new AppError('stale', 'If-Match is no ETag of this resource. Read it again.')
  return Number(match[1])
}

function toAnswer(operation: Operation, result: unknown, path: string): Answer {
  const given =
    typeof result === 'object' &&
    result !== null &&
    'status' in result &&
    'value' in result &&
    typeof result.status === 'number'
      ? (result as { status: number; value: unknown })
      : { status: operation.status ?? 200, value: result }
  const value = given.value as Record<string, unknown> | undefined
  const headers: { [name: string]: string } = {}
  if (operation.etag && typeof value?.['revision'] === 'number') headers['etag'] = `"${value['revision']}"`
  if ((given.status === 201 || given.status === 202) && typeof value?.['id'] === 'string')
    headers['location'] =
      `${operation.path.endsWith('/runs') ? '/api/v1/runs' : path.replace(/\/import$/, '')}/${value['id']}`
  return { status: given.status, value: (given.value ?? null) as Json, headers }
}

function toJsonResponse(answer: Answer): Response {
  const headers = new Headers({ ...answer.headers, 'cache-control': 'no-store' })
  if (answer.status === 204) return new Response(null, { status: 204, headers })
  headers.set('content-type', 'application/json')
  return new Response(JSON.stringify(answer.value), { status: answer.status, headers })
}

async function audit(
  id: OperationId,
  actor: Actor,
  params: Record<string, string>,
  options: ApiOptions,
): Promise<void> {
  const target = params['id'] ?? params['name'] ?? null
  await options.store.in(actor.workspace).insert('audit', [
    {
      id: newId('aud', options.clock.now()),
      at: options.clock.now(),
      actor: actor.name,
      action: id,
      target,
      details: {},
    },
  ])
}
