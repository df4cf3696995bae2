/** What a stream's source is in the ingest process, and what it tells about itself. */
import type { streamState } from '../api/streams.ts'
import type { z } from 'zod'
import type { Clock } from '../clock.ts'
import type { WorkspaceStore } from '../store/port.ts'
import type { StoredStream } from './definition.ts'
import type { Record } from './record.ts'
import type { Written } from './writer.ts'

export type StreamState = z.infer<typeof streamState>
export interface SourceReport {
  state: StreamState
  lastError: string | null
  lag: number | null
  counters: { [name: string]: number }
}
export interface Source {
  /** A change that needs no new session: parsing goes on with it from the next batch. */
  update(stream: StoredStream): void
  report(): SourceReport
  /** Stores what the source did not bring, each group as a whole. unavailable, cancelled: try again later. */
  insert(groups: Record[][]): Promise<Written[]>
  /** Cancels, flushes, acknowledges, and gives the lease back. */
  stop(): Promise<void>
}
export interface SourceDeps {
  store: WorkspaceStore
  owner: string
  clock: Clock
  /** The egress check, which the parent does. */
  resolve: (host: string, port: number) => Promise<{ address: string }>
  onStored: (written: Written) => void
  onChange: () => void
}
export type OpenSource = (stream: StoredStream, deps: SourceDeps) => Source
