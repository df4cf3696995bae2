/** What deployments need of the rest of the engine; the composition root fits the services to it. */
import type { Logger } from 'pino'
import type { Actions } from '../action/actions.ts'
import type { Cell } from '../api/notebooks.ts'
import type { Bus } from '../bus/port.ts'
import type { Clock } from '../clock.ts'
import type { Limits, Sandboxes } from '../sandbox/port.ts'
import type { CreateHost } from '../sdk/context.ts'
import type { Store } from '../store/port.ts'
import type { ParameterSchema } from '../notebook/parameters.ts'

export interface PinnedNotebook {
  id: string
  name: string
  project: string
  kind: 'analytics' | 'processing'
  version: number
  cells: Cell[]
  /** What it declares; not `complete` where only a run can tell. */
  parameters?: ParameterSchema
  complete?: boolean
}
export interface DeploymentNotebooks {
  /** A saved version, the latest without a number. not-found also when nothing was saved yet. */
  getVersion(workspace: string, notebook: string, version?: number): Promise<PinnedNotebook>
}
export interface DeploymentDeps {
  store: Store
  bus: Bus
  clock: Clock
  log: Logger
  sandboxes: Pick<Sandboxes, 'open'>
  createHost: CreateHost
  notebooks: DeploymentNotebooks
  actions: Pick<Actions, 'takeOutbox'>
  limits?: Partial<DeploymentLimits>
}
export interface DeploymentLimits {
  perWorkspace: number
  /** Of one handler call. */
  handler: Partial<Limits>
  /** Of a cell at start. */
  cell: Partial<Limits>
  retryMs: number[]
  leaseMs: number
  /** How often the log and the deployments are looked at when nobody calls. */
  pollMs: number
  commitMs: number
  commitMessages: number
  commitBytes: number
  readMessages: number
  /** How long a message waits for older ones of other streams that its notebook reads. */
  orderMs: number
  /** How far the arrival clock stays behind, so that no message comes that arrived before it. */
  tickMs: number
  /** How long a process leaves a deployment that was moved away from it to others. */
  moveMs: number
}
export const defaultLimits: DeploymentLimits = {
  perWorkspace: 10,
  handler: { cpuMs: 30_000, wallMs: 60_000 },
  cell: { cpuMs: 300_000, wallMs: 300_000 },
  retryMs: [50, 250, 1000],
  leaseMs: 15_000,
  pollMs: 250,
  commitMs: 1000,
  commitMessages: 1000,
  commitBytes: 4_000_000,
  readMessages: 500,
  orderMs: 100,
  tickMs: 1000,
  moveMs: 10_000,
}
