/**
 * Events within one workspace, for live pages and for waking workers. At most once, unordered between topics, in
 * order within one; whoever needs certainty reads the store when woken. A slow subscriber loses its oldest events.
 */
import type { Json } from '../json.ts'

export interface Event {
  topic: string // e.g. `runs/ID`, `kernels/ID`, `streams/ID`, `deployments/ID`, `actions`, `alerts`
  data: Json
}
export interface Bus {
  publish(workspace: string, event: Event): void
  /** `topic` or a prefix that ends in `/` or is empty (everything of the workspace). Returns the unsubscribe. */
  subscribe(workspace: string, topic: string, listener: (event: Event) => void): () => void
  close(): Promise<void>
}
