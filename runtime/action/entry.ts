/**
 * From what a notebook asks for to an entry of the outbox and a document of the ledger; pure. Two keys are made here.
 * The idempotency key is the platform's: the same step of the same deployment gives the same one, so that a repeat is
 * recognised here and by the receiver. The deduplication key is the notebook's, by default kind and target, owner, key
 * and window; with a cooldown the window is left out, since it is the cooldown that bounds it then.
 */
import { createHash } from 'node:crypto'
import { parseUrl } from '../egress/target.ts'
import { toHeaders } from '../egress/request.ts'
import { AppError } from '../error.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import type { ActionRequest } from '../sdk/context.ts'
import type { OutboxEntry } from '../store/log.ts'
import type { NewDocument } from '../store/port.ts'
import { severities, type Severity } from './alert-state.ts'

export interface ActionContext {
  notebook: { id: string; version: number } | null
  run?: string | null
  deployment?: string | null
  stream?: { id: string; name: string; from: number; to: number } | null
  window?: { key: string | null; start: number; end: number; pane: number } | null
  /** Event time where there is one. */
  at: number
  /** Distinguishes this call from every other of the run or deployment, the same in a repeat: handler, seq, ordinal. */
  identity: string
}

const maxBody = 1_000_000

/** invalid, too-large: what is wrong with it, for the notebook. */
export function checkRequest({ kind, request, key, cooldownMs }: ActionRequest): void {
  if (key !== undefined && (key === '' || key.length > 500))
    throw new AppError('invalid', 'The key of an action has 1 to 500 characters.')
  if (cooldownMs !== undefined && !(cooldownMs >= 0 && Number.isFinite(cooldownMs)))
    throw new AppError('invalid', 'The cooldown of an action is a duration such as "1 h".')
  if (JSON.stringify(request).length > maxBody)
    throw new AppError('too-large', 'An action carries at most 1 MB.')
  if (kind === 'webhook') {
    parseUrl(String(request.url))
    toHeaders(isJsonObject(request.headers) ? (request.headers as { [name: string]: string }) : {})
  } else if (kind === 'publish') {
    if (typeof request.stream !== 'string' || request.stream === '')
      throw new AppError('invalid', 'A message is published to a stream: act.publish(name, body).')
  } else {
    if (typeof request.title !== 'string' || request.title === '' || request.title.length > 300)
      throw new AppError('invalid', 'The title of an alert is a text of 1 to 300 characters.')
    if (request.severity !== undefined && !severities.includes(request.severity as Severity))
      throw new AppError('invalid', 'The severity of an alert is info, warning or critical.')
    if (request.fingerprint !== undefined && typeof request.fingerprint !== 'string')
      throw new AppError('invalid', 'The fingerprint of an alert is a text.')
  }
}

/** What a key is a key of: the receiver without its query, or the alert. */
function toTarget({ kind, request }: ActionRequest): string {
  if (kind === 'publish') return `stream ${String(request.stream)}`
  if (kind === 'alert') return String(request.fingerprint ?? request.title)
  const { url } = parseUrl(String(request.url))
  return url.origin + url.pathname
}

export function toEntry(context: ActionContext, asked: ActionRequest): OutboxEntry {
  const { notebook, run = null, deployment = null, stream = null, window = null, at, identity } = context
  const target = toTarget(asked)
  const owner = deployment ?? run ?? notebook?.id ?? 'workspace'
  const mark = digest([asked.kind, target, asked.key ?? null, window && { ...window }, identity])
  const id = `${notebook?.id ?? 'none'}.${owner}.${asked.kind}.${mark}`
  const windowed = window && asked.cooldownMs === undefined
  const place = windowed ? [`${window.start}-${window.end}`] : []
  // a run without window, key and cooldown means each of its actions
  // …and so does each message of a window, which are different ones
  const isFact = window === null || asked.kind === 'publish'
  const single = asked.key === undefined && asked.cooldownMs === undefined && isFact
  return {
    id,
    kind: asked.kind,
    at,
    body: {
      request: asked.request,
      key:
        asked.key ??
        (single ? id : [asked.kind, target, owner, window?.key ?? '', ...place].join(' ').slice(0, 500)),
      target: target.slice(0, 500),
      cooldownMs: asked.cooldownMs ?? null,
      unique: single,
      notebook: notebook?.id ?? null,
      notebookVersion: notebook?.version ?? null,
      run,
      deployment,
      model: asked.model?.name ?? null,
      modelVersion: asked.model?.version ?? null,
      stream: stream && { ...stream },
      window: window && { ...window },
    },
  }
}

/** One id for one idempotency key, so that a second insert is a conflict. */
export function toActionId(idempotencyKey: string): string {
  return `act_${digest([idempotencyKey])}`
}

export function toDocument(entry: OutboxEntry, now: number, state: 'pending' | 'deduplicated'): NewDocument {
  const { cooldownMs, unique: _, ...body } = entry.body
  return {
    ...body,
    id: toActionId(entry.id),
    kind: entry.kind,
    state,
    idempotencyKey: entry.id,
    cooldownMs: cooldownMs ?? null,
    attempts: [],
    tries: 0,
    alert: null,
    at: Math.floor(entry.at),
    createdAt: now,
    firedAt: null,
    nextAttemptAt: now,
    leaseUntil: 0,
    leaseOwner: null,
  }
}

export function digest(value: Json): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 26)
}
export function toObject(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {}
}
