/** What runs, kernels and triggers need of actions and deployments; the composition root fits the services to it. */
import type { JsonObject } from '../json.ts'
import type { Receipt, Sandbox } from '../sandbox/port.ts'
import type { ActionRequest, Registration } from '../sdk/context.ts'

export interface ActionRecorder {
  record(
    workspace: string,
    context: { notebook: { id: string; version: number }; run: string | null },
    request: ActionRequest,
  ): Promise<{ id: string }>
}
/** The stretch of a plain run of a processing notebook: event time, or numbers of one stream, both ends kept. */
export type Stretch = { from: number; to: number } | { stream: string; fromSeq: number; toSeq: number }

export interface Passage {
  workspace: string
  sandbox: Sandbox
  notebook: { id: string; version: number }
  run: string
  registrations: Registration[]
  stretch: Stretch
  limits: { cpuMs: number; wallMs: number }
  signal: AbortSignal
}
/** Passes recorded messages through the handlers that the cells registered. */
export interface Passing {
  /** HostContext.act while a handler runs. */
  act(request: ActionRequest): Promise<{ id: string }>
  /** Rejects with what the handler threw (an `error` like GuestError where it has one). */
  readonly ended: Promise<{ rows: JsonObject[]; receipt: Receipt }>
}
export type PassThrough = (passage: Passage) => Passing
