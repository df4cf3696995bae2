/**
 * One notebook as an API of its own, described by OpenAPI 3.1: its run takes exactly the parameters that the notebook
 * declares. Programs that are generated from it check types, bounds and choices before they call. Pure.
 */
import type { JsonObject } from '../json.ts'
import type { ParameterSchema } from './parameters.ts'

export interface Described {
  id: string
  name: string
  /** Of the notebook; 0 before the first is saved. */
  version: number
  schema: ParameterSchema
  /** False: a run may declare more than the text tells. */
  complete: boolean
}

export function toOpenApi({ id, name, version, schema, complete }: Described): JsonObject {
  const json = (content: JsonObject): JsonObject => ({ 'application/json': { schema: content } })
  const run = { $ref: '#/components/schemas/Run' }
  const required = schema.required ?? []
  return {
    openapi: '3.1.0',
    info: { title: name, version: String(version), description: 'A notebook of Suricate' },
    servers: [{ url: '/api/v1' }],
    security: [{ bearer: [] }],
    paths: {
      [`/notebooks/${id}/runs`]: {
        post: {
          operationId: 'run',
          summary: `Run “${name}” in a fresh kernel`,
          parameters: [
            {
              name: 'wait',
              in: 'query',
              description: 'seconds to wait for the result',
              schema: { type: 'number', minimum: 0, maximum: 120 },
            },
            { name: 'idempotency-key', in: 'header', schema: { type: 'string', maxLength: 200 } },
          ],
          requestBody: {
            required: required.length > 0,
            content: json({
              type: 'object',
              properties: {
                parameters: { $ref: '#/components/schemas/Parameters' },
                version: {
                  type: 'integer',
                  minimum: 1,
                  description: 'a saved version; else what the notebook is now',
                },
              },
              ...(required.length > 0 ? { required: ['parameters'] } : {}),
            }),
          },
          responses: {
            200: { description: 'The run has ended', content: json(run) },
            202: { description: 'The run is queued; read it at Location', content: json(run) },
            422: { description: 'A parameter is wrong; the detail names it and says what would be right' },
          },
        },
      },
    },
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      schemas: {
        Parameters: complete ? schema : { ...schema, additionalProperties: true },
        Run: {
          type: 'object',
          required: ['id', 'state', 'result', 'error'],
          properties: {
            id: { type: 'string' },
            state: {
              type: 'string',
              enum: ['queued', 'running', 'succeeded', 'failed', 'timed_out', 'cancelled', 'skipped'],
            },
            result: { description: 'what result(...) was given, else the value of the last cell' },
            error: { type: ['object', 'null'] },
          },
        },
      },
    },
  }
}
