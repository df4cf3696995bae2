/**
 * What crosses the pipe to the ingest process. The parent names the streams and answers the egress check, for it
 * knows what is allowed at any moment; the child reports.
 */
import type { LetterResult } from '../api/letters.ts'
import type { StoredStream } from './definition.ts'
import type { SourceReport } from './source.ts'

export type IngestCommand =
  /** First. `owner` outlives the process: its successor holds the same leases at once. */
  | {
      type: 'start'
      owner: string
      store: { data: string; mongoUri?: string; mongoDatabase?: string }
    }
  /** New or changed. */
  | { type: 'define'; workspace: string; stream: StoredStream }
  | { type: 'replay'; call: number; workspace: string; id: string; letters: number[] }
  | { type: 'remove'; workspace: string; id: string; purge: boolean }
  | { type: 'resolved'; call: number; address: string }
  | { type: 'refused'; call: number; code: string; message: string }
  | { type: 'stop' }

export type IngestEvent =
  | { type: 'ready' }
  | { type: 'report'; workspace: string; id: string; report: SourceReport }
  | { type: 'messages'; workspace: string; id: string; from: number; to: number; count: number }
  | { type: 'replayed'; call: number; results: LetterResult[] }
  | { type: 'notReplayed'; call: number; code: string; message: string }
  | { type: 'removed'; workspace: string; id: string }
  | { type: 'resolve'; call: number; workspace: string; host: string; port: number }
  | { type: 'trouble'; message: string }
