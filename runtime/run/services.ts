/** What runs, kernels and triggers need of actions and deployments; the composition root fits the services to it. */
import type { JsonObject } from '../json.ts'
import type { HostTable, Receipt, Sandbox } from '../sandbox/port.ts'
import type { ActionRequest, Registration } from '../sdk/context.ts'

export interface ActionRecorder {
  record(
    workspace: string,
    context: { notebook: { id: string; version: number }; run: string | null },
    request: ActionRequest,
  ): Promise<{ id: string }>
}
/**
 * The stretch of a plain run of a processing notebook: event time, or numbers of one stream, both ends kept; with the
 * replies that a deployment got from the host. Or the instant at which an action fired, alone.
 */
export type Stretch =
  | { from: number; to: number; answers?: string }
  | { stream: string; fromSeq: number; toSeq: number; answers?: string }
  | { action: string }

export interface Passage {
  workspace: string
  sandbox: Sandbox
  notebook: { id: string; version: number }
  run: string
  registrations: Registration[]
  limits: { cpuMs: number; wallMs: number }
  signal: AbortSignal
}
/** Passes recorded messages through the handlers that the cells registered. */
export interface Passing {
  /** HostContext.act while a handler runs. */
  act(request: ActionRequest, step: number): Promise<{ id: string }>
  /** Rejects with what the handler threw (an `error` like GuestError where it has one). */
  readonly ended: Promise<{ result: JsonObject; receipt: Receipt }>
}
export interface Prepared {
  /** For the sandbox in which the cells run. */
  host: HostTable
  /** Of its cells. */
  clock?: { now: number; seed: number }
  pass(passage: Passage): Passing
}
export interface PassThrough {
  /** Before the sandbox is opened. */
  prepare(workspace: string, stretch: Stretch, host: HostTable): Promise<Prepared>
}
