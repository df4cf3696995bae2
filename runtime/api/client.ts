/**
 * The typed client of the REST API, for the pages and the command line: one call per operation. Errors reject with
 * ApiError, which carries the problem details.
 */
import type { z } from 'zod'
import { operations, type OperationId, type Operations } from './operations.ts'
import type { Operation, Problem } from './operation.ts'

type In<T> = T extends z.ZodType ? z.input<T> : undefined
type Out<T> = T extends z.ZodType ? z.output<T> : undefined
type Part<K extends string, T> = T extends z.ZodType
  ? {} extends z.input<T>
    ? { [P in K]?: z.input<T> }
    : { [P in K]: z.input<T> }
  : {}
type Get<O, K extends string> = O extends { [P in K]: infer T } ? T : undefined

export type Input<Id extends OperationId> = Part<'params', Get<Operations[Id], 'params'>> &
  Part<'query', Get<Operations[Id], 'query'>> &
  Part<'body', Get<Operations[Id], 'body'>> & {
    raw?: BodyInit
    mediaType?: string
    /** For edits: the revision that was read. */
    revision?: number
    idempotencyKey?: string
    signal?: AbortSignal
  }
export type Body<Id extends OperationId> = In<Get<Operations[Id], 'body'>>
export type Result<Id extends OperationId> = Out<Get<Operations[Id], 'response'>>

export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
}

export interface ClientOptions {
  /** Up to and without `/api/v1`; '' for the page's own origin. */
  base: string
  token?: string
  fetch?: typeof fetch
}
export interface Client {
  call<Id extends OperationId>(id: Id, input: Input<Id>): Promise<Result<Id>>
  /** As `call`, for an input whose type is known elsewhere: all of them together are more than the compiler holds. */
  request(id: OperationId, input: object): Promise<unknown>
  url(id: OperationId, input: { params?: object; query?: object }): string
}

export function createClient(options: ClientOptions): Client {
  const send = options.fetch ?? ((...args: Parameters<typeof fetch>) => fetch(...args))
  function url(id: OperationId, input: { params?: object; query?: object }): string {
    const params = (input.params ?? {}) as Record<string, unknown>
    const path = operations[id].path.replace(/\{(\w+)\}/g, (_, key: string) =>
      encodeURIComponent(String(params[key])),
    )
    const query = new URLSearchParams()
    for (const [key, value] of Object.entries(input.query ?? {}))
      if (value !== undefined) query.set(key, String(value))
    const text = query.toString()
    return `${options.base}/api/v1${path}${text ? `?${text}` : ''}`
  }
  async function request(id: OperationId, input: object): Promise<unknown> {
    const o: Operation = operations[id]
    const given = input as {
      params?: object
      query?: object
      body?: unknown
      raw?: BodyInit
      mediaType?: string
      revision?: number
      idempotencyKey?: string
      signal?: AbortSignal
    }
    const headers = new Headers({ accept: 'application/json' })
    if (options.token) headers.set('authorization', `Bearer ${options.token}`)
    if (given.raw !== undefined && given.mediaType) headers.set('content-type', given.mediaType)
    if (given.body !== undefined) headers.set('content-type', 'application/json')
    if (given.revision !== undefined) headers.set('if-match', `"${given.revision}"`)
    if (given.idempotencyKey) headers.set('idempotency-key', given.idempotencyKey)
    const init: RequestInit = { method: o.method.toUpperCase(), headers }
    if (given.signal) init.signal = given.signal
    if (given.raw !== undefined) init.body = given.raw
    else if (given.body !== undefined) init.body = JSON.stringify(given.body)
    const response = await send(url(id, given), init)
    if (!response.ok) throw new ApiError(await toProblem(response))
    return response.status === 204 ? undefined : response.json()
  }
  return {
    url,
    request,
    call: (id, input) => request(id, input) as Promise<Result<typeof id>>,
  }
}

async function toProblem(response: Response): Promise<Problem> {
  const text = await response.text()
  try {
    return JSON.parse(text) as Problem
  } catch {
    return {
      type: 'about:blank',
      title: response.statusText,
      status: response.status,
      code: 'internal',
      detail: text.slice(0, 300) || `HTTP ${response.status}`,
    }
  }
}
