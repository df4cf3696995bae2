/** What a host table is bound to: one run, kernel or deployment of one notebook in one workspace. */
import type { Json, JsonObject } from '../json.ts'
import type { HostTable } from '../sandbox/port.ts'
import type { HandlerSpec } from './on.ts'

export interface ActionRequest {
  kind: 'webhook' | 'alert' | 'publish'
  /** As the notebook gave it: {url, body, headers}, {stream, body, headers, routingKey} or {title, severity, details, fingerprint}. */
  request: JsonObject
  key?: string
  cooldownMs?: number
  model?: { name: string; version: number }
}
export interface Registration {
  /** The guest's id of the handler, for Sandbox.handle. */
  handler: string
  stream: string
  /** More streams of the same handler; of a join the right one. */
  others?: string[]
  options: HandlerSpec
}
export interface PackageUse {
  name: string
  version: string
  /** Of the tarball, as the registry tells it. */
  integrity: string
  /** Of the bundle. */
  sha256: string
}
/** What was read, for the lineage of a model that is saved. */
export interface Lineage {
  objects: { name: string; sha256: string }[]
  streams: { name: string; from: number; to: number }[]
  /** Of the project's, those that were imported. */
  packages?: PackageUse[]
}
export interface HostContext {
  workspace: string
  kind: 'analytics' | 'processing'
  notebook: { id: string; version: number; name: string }
  project: string
  run: string | null
  kernel: string | null
  deployment: string | null
  parameters: JsonObject
  lineage: Lineage
  /** `step`: HostCall's. Answers as soon as it is recorded for the coming commit (deployment) or in the ledger (run, kernel). */
  act(request: ActionRequest, step: number): Promise<{ id: string }>
  /** undefined where streams.on is refused. */
  register?: (registration: Registration) => Promise<void>
  /** How deep notebooks.run is nested; refused beyond 5. */
  depth: number
  /** CPU seconds and memory so far, for the cost of a model that is saved. */
  receipt(): { cpuMs: number; peakBytes: number }
  /** Declared parameters, as JSON Schema; told by the guest's `parameters(...)`. */
  declare(schema: Json): void
  /** So many messages of a stream were given to it. */
  onMessages?: (count: number) => void
  /** The guest called `result(value)`: that cell's value is the run's result. */
  resultGiven?: (cell: string | null) => void
}
export type CreateHost = (context: HostContext) => HostTable
