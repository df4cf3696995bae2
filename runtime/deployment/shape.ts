/** A deployment's document, and what the API shows of it. */
import type { Deployment } from '../api/deployments.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import type { Document, WorkspaceStore } from '../store/port.ts'
import type { DeploymentState, Phase } from './state.ts'

export function toState(document: Document): DeploymentState {
  return {
    state: document.state as Phase,
    lastError: typeof document.lastError === 'string' ? document.lastError : null,
    restarts: Number(document.restarts ?? 0),
    deaths: Number(document.deaths ?? 0),
  }
}

interface ShownInput {
  stream: string
  name: string
  window: JsonObject | null
  nextSeq: number
  watermark: number | null
}
function findInputs(document: Document): ShownInput[] {
  return (Array.isArray(document.inputs) ? document.inputs : []) as unknown as ShownInput[]
}

/** Lag is read now: the deployment itself does not know what came since. */
export async function toDeployment(store: WorkspaceStore, document: Document): Promise<Deployment> {
  const nextSeqs = new Map<string, number>()
  for (const { stream } of findInputs(document))
    if (!nextSeqs.has(stream)) nextSeqs.set(stream, (await store.log.head(stream)).nextSeq)
  return {
    id: document.id,
    name: String(document.name),
    notebook: {
      id: String(document.notebook),
      version: Number(document.version),
      name: String(document.notebookName),
    },
    parameters: toObject(document.parameters),
    from: document.from as Deployment['from'],
    state: document.state as Phase,
    lastError: typeof document.lastError === 'string' ? document.lastError : null,
    inputs: findInputs(document).map(({ stream, name, window, nextSeq, watermark }) => ({
      stream,
      name,
      window,
      nextSeq,
      lag: Math.max(0, (nextSeqs.get(stream) ?? nextSeq) - nextSeq),
      watermark,
    })),
    commit: Number(document.commit ?? 0),
    counters: toObject(document.counters) as { [name: string]: number },
    restarts: Number(document.restarts ?? 0),
    actions: Number(document.actions ?? 0),
    receipt: isJsonObject(document.receipt) ? document.receipt : null,
    createdAt: Number(document.createdAt),
    updatedAt: Number(document.updatedAt),
    revision: document.revision,
  }
}

export function toObject(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {}
}
