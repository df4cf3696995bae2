import type { Context } from 'hono'
import type { Operation } from '../../runtime/api/operation.ts'
import type { OperationId } from '../../runtime/api/operations.ts'

export interface Call {
  params: Record<string, string>
  query: Record<string, string>
  body: Record<string, unknown>
  request: Request
}
export type Answers = Partial<Record<OperationId, (call: Call) => unknown>>
export class Fault extends Error {
  readonly status: number
  readonly code: string
  readonly path: string | undefined
  constructor(status: number, code: string, detail: string, path?: string) {
    super(detail)
    this.path = path
    this.status = status
    this.code = code
  }
}

/** Checked against the operation's schema, as the server would answer. */
export async function respond(
  id: OperationId,
  operation: Operation,
  answer: Answers[OperationId],
  { req }: Context,
): Promise<Response> {
  try {
    if (!answer) throw new Fault(501, 'unsupported', `The stand-in has no ${id}.`)
    const body = operation.body ? ((await req.json()) as Record<string, unknown>) : {}
    const params = req.param() as Record<string, string>
    const value = await answer({ params, query: req.query(), body, request: req.raw })
    if (operation.status === 204) return new Response(null, { status: 204 })
    return Response.json(operation.response?.parse(value) ?? null, { status: operation.status ?? 200 })
  } catch (error) {
    return toProblem(error)
  }
}
export function toProblem(error: unknown): Response {
  const fault = error instanceof Fault ? error : new Fault(500, 'internal', String(error))
  if (fault.status === 500) process.stderr.write(`${String((error as Error).stack ?? error)}\n`)
  return Response.json(
    {
      type: 'about:blank',
      title: fault.code,
      status: fault.status,
      code: fault.code,
      detail: fault.message,
      ...(fault.path === undefined ? {} : { errors: [{ path: fault.path, message: fault.message }] }),
    },
    { status: fault.status },
  )
}

export const page = (items: unknown[]) => ({ items, nextCursor: null })
export function get<T extends { id: string }>(list: T[], id: string | undefined): T {
  const found = list.find((item) => item.id === id)
  if (!found) throw new Fault(404, 'not-found', `There is no ${id} in this workspace.`)
  return found
}
export function remove<T extends { id: string }>(list: T[], id: string | undefined): void {
  list.splice(list.indexOf(get(list, id)), 1)
}
export function edit<T extends { id: string; revision: number }>(list: T[], call: Call): T {
  const one = get(list, call.params.id)
  if (call.request.headers.get('if-match') !== `"${one.revision}"`)
    throw new Fault(412, 'stale', 'It was changed by somebody else since it was read.')
  return Object.assign(one, call.body, { revision: one.revision + 1, updatedAt: Date.now() })
}
