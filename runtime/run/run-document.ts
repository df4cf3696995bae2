/** Runs as documents of the store and as resources of the API. */
import type { Run } from '../api/runs.ts'
import type { Json } from '../json.ts'
import type { Document, NewDocument } from '../store/port.ts'
import type { RunRecord } from './run-state.ts'

export interface RunLease {
  leaseOwner: string
  leaseUntil: number
}

export function toRunDocument(run: RunRecord, depth: number, range: Json, lease: RunLease): NewDocument {
  return {
    id: run.id,
    notebook: run.notebook.id,
    notebookVersion: run.notebook.version,
    notebookName: run.notebook.name,
    project: run.project,
    trigger: run.trigger.type,
    triggered: run.trigger as unknown as Json,
    parameters: run.parameters,
    createdAt: run.createdAt,
    depth,
    range,
    ...toChanging(run),
    ...lease,
  }
}

/** What changes while it lives. */
export function toChanging(run: RunRecord): { [field: string]: Json } {
  return {
    state: run.state,
    result: run.result,
    error: run.error as unknown as Json,
    receipt: run.receipt as unknown as Json,
    progress: run.progress as unknown as Json,
    cpuMs: run.receipt?.cpuMs ?? 0,
    wallMs: run.receipt?.wallMs ?? 0,
    startedAt: run.startedAt,
    endedAt: run.endedAt,
    cancelled: run.cancelled,
  }
}

export function toRunRecord(document: Document): RunRecord {
  return {
    id: document.id,
    notebook: {
      id: document['notebook'] as string,
      version: document['notebookVersion'] as number,
      name: document['notebookName'] as string,
    },
    project: document['project'] as string,
    state: document['state'] as Run['state'],
    parameters: document['parameters'] as Run['parameters'],
    trigger: document['triggered'] as unknown as Run['trigger'],
    result: document['result'] ?? null,
    error: (document['error'] ?? null) as unknown as Run['error'],
    receipt: (document['receipt'] ?? null) as unknown as Run['receipt'],
    progress: (document['progress'] ?? null) as unknown as Run['progress'],
    createdAt: document['createdAt'] as number,
    startedAt: (document['startedAt'] ?? null) as number | null,
    endedAt: (document['endedAt'] ?? null) as number | null,
    cancelled: document['cancelled'] === true,
  }
}
export function toRun({ cancelled: _, ...run }: RunRecord): Run {
  return run
}
