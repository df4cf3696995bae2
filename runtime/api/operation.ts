/**
 * An operation of the REST API as data: the server validates by it, OpenAPI is generated from it, the typed client
 * calls by it. Times are integer milliseconds since 1970-01-01 UTC.
 */
import { z } from 'zod'
import type { Json } from '../json.ts'

export type Scope = 'public' | 'read' | 'write' | 'run' | 'admin'

export interface Operation {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** Below /api/v1, with `{name}` for path parameters. */
  path: string
  tag: string
  summary: string
  /** What the token must allow. Viewers have read; editors read, write and run; owners also admin. */
  scope: Scope
  params?: z.ZodObject
  query?: z.ZodObject
  /** JSON body. `raw`: the handler reads the bytes itself. */
  body?: z.ZodType
  /** Where the JSON may have more than 1 MB. */
  maxBodyBytes?: number
  raw?: { description: string; mediaTypes: string[] }
  /** Status of success; default 200. 204 has no response. */
  status?: number
  response?: z.ZodType
  /** Anything else than JSON: the media types. */
  produces?: string[]
  /** Answers with ETag; for an edit: needs If-Match. */
  etag?: 'answers' | 'requires'
  /** A POST that starts something: honours Idempotency-Key. */
  idempotent?: boolean
  /** Server-sent events, resumable by Last-Event-ID. */
  events?: boolean
}

export const operation = <const O extends Operation>(o: O): O => o

export const id = z.string().min(1).max(80)
/** Names people give: no control characters, no slash at the ends. */
export const name = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(200, 'at most 200 characters')
  .regex(/^[^\u0000-\u001f\u007f]+$/, 'must not have control characters')
export const time = z.number().int().describe('ms since 1970-01-01 UTC')
/** Any JSON: what was parsed from a request is nothing else, and a recursive schema cannot be described. */
export const json = z.unknown() as unknown as z.ZodType<Json>
export const jsonObject = z.record(z.string(), json)
export const tags = z.array(z.string().min(1).max(60)).max(30)
export const idParams = z.object({ id })
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).optional(),
  cursor: z.string().max(2000).optional(),
})
export function page<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() })
}
/** ms, or ISO 8601 text; without a zone it is UTC. */
export const timeQuery = z.union([z.coerce.number(), z.string().max(40)])

/** RFC 9457 problem details. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string(),
  instance: z.string().optional(),
  /** For `invalid`: where, by path. */
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
})
export type Problem = z.infer<typeof problem>
