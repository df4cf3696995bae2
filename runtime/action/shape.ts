/** Documents of the ledger and of alerts as the API shows them. */
import type { Action, Alert } from '../api/actions.ts'
import type { Json } from '../json.ts'
import type { Document } from '../store/port.ts'
import { toObject } from './entry.ts'

const text = (value: Json | undefined): string | null => (typeof value === 'string' ? value : null)

export function toAction(document: Document): Action {
  const notebook = text(document.notebook)
  const model = text(document.model)
  return {
    id: document.id,
    kind: document.kind as Action['kind'],
    state: document.state as Action['state'],
    key: String(document.key),
    idempotencyKey: String(document.idempotencyKey),
    attempts: (document.attempts ?? []) as Action['attempts'],
    request: toObject(document.request),
    run: text(document.run),
    deployment: text(document.deployment),
    notebook: notebook === null ? null : { id: notebook, version: Number(document.notebookVersion) },
    model: model === null ? null : { name: model, version: Number(document.modelVersion) },
    stream: (document.stream ?? null) as Action['stream'],
    window: (document.window ?? null) as Action['window'],
    alert: text(document.alert),
    at: Number(document.at),
    createdAt: Number(document.createdAt),
    firedAt: typeof document.firedAt === 'number' ? document.firedAt : null,
  }
}

export function toAlert(document: Document): Alert {
  return {
    id: document.id,
    fingerprint: String(document.fingerprint),
    severity: document.severity as Alert['severity'],
    title: String(document.title),
    details: document.details ?? null,
    state: document.state as Alert['state'],
    count: Number(document.count),
    firstAt: Number(document.firstAt),
    lastAt: Number(document.lastAt),
    links: {
      action: text(document.action),
      deployment: text(document.deployment),
      notebook: text(document.notebook),
      model: text(document.model),
      run: text(document.run),
    },
    acknowledgedBy: text(document.acknowledgedBy),
    revision: document.revision,
  }
}
