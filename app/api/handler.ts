/** What a route handler gets and gives. The wrapper in api.ts does authentication, limits, validation and errors. */
import type { z } from 'zod'
import type { Actor } from '../../runtime/access/actor.ts'
import type { OperationId, Operations } from '../../runtime/api/operations.ts'

type Out<O, K extends string, Else> = O extends { [P in K]: infer T extends z.ZodType } ? z.output<T> : Else
/** What may be returned where a response schema stands: checked against it in tests. */
type Given<O> = O extends { response: infer T extends z.ZodType } ? z.input<T> : void

export interface Call<Id extends OperationId> {
  actor: Actor
  params: Out<Operations[Id], 'params', Record<string, never>>
  query: Out<Operations[Id], 'query', Record<string, never>>
  body: Out<Operations[Id], 'body', undefined>
  /** From If-Match, where the operation requires it. */
  revision: number
  request: Request
  /** Aborted when the client goes. */
  signal: AbortSignal
  /** For server-sent events: the last id that the client saw. */
  lastEventId: string | null
  /** For server-sent events: when the stream has ended. */
  release?: () => void
}
/** A Response is passed on as it is (streams, downloads); `status` overrides the operation's. */
export type Handler<Id extends OperationId> = (
  call: Call<Id>,
) => Promise<Given<Operations[Id]> | Response | { status: number; value: Given<Operations[Id]> }>
export type Handlers<Ids extends OperationId = OperationId> = { [Id in Ids]: Handler<Id> }

/** A live event: `id` lets a client resume after it. */
export interface ServerEvent {
  id?: string
  event: string
  data: unknown
}
