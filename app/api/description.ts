/** One operation as a path of the OpenAPI description. */
import type { RouteConfig } from '@hono/zod-openapi'
import { problem, type Operation } from '../../runtime/api/operation.ts'

export function toRouteConfig(id: string, operation: Operation): RouteConfig & { path: string } {
  const success = operation.status ?? 200
  const content = operation.response
    ? { 'application/json': { schema: operation.response } }
    : Object.fromEntries(
        (operation.events ? ['text/event-stream'] : (operation.produces ?? [])).map((type) => [
          type,
          { schema: { type: 'string' as const } },
        ]),
      )
  const described = (status: number) => ({
    description: status === 202 ? 'Started' : 'Done',
    ...(status === 204 ? {} : { content }),
    ...(operation.etag ? { headers: { ETag: { schema: { type: 'string' as const } } } } : {}),
  })
  return {
    operationId: id,
    method: operation.method,
    path: `${operation.path}`,
    tags: [operation.tag],
    summary: operation.summary,
    description:
      operation.scope === 'public'
        ? 'Needs no token.'
        : `Needs a token with the scope \`${operation.scope}\`.`,
    ...(operation.scope === 'public' ? { security: [] } : {}),
    request: {
      ...(operation.params ? { params: operation.params } : {}),
      ...(operation.query ? { query: operation.query } : {}),
      ...(operation.body
        ? { body: { required: true, content: { 'application/json': { schema: operation.body } } } }
        : {}),
      ...(operation.raw
        ? {
            body: {
              required: true,
              description: operation.raw.description,
              content: Object.fromEntries(
                operation.raw.mediaTypes.map((type) => [
                  type,
                  { schema: { type: 'string' as const, format: 'binary' } },
                ]),
              ),
            },
          }
        : {}),
    },
    responses: {
      [success]: described(success),
      ...(success === 202 ? { 200: described(200) } : {}),
      default: {
        description: 'Problem details (RFC 9457)',
        content: { 'application/problem+json': { schema: problem } },
      },
    },
  }
}
