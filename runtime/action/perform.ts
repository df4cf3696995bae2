/** Doing what an action asks for, once: the outcome is a value, and only `unavailable` of our own store is thrown. */
import type { Egress } from '../egress/port.ts'
import { type ErrorCode, isAppError, toMessage } from '../error.ts'
import { isJsonObject } from '../json.ts'
import type { Document } from '../store/port.ts'
import type { Outlet } from '../stream/outlet.ts'
import type { Severity } from './alert-state.ts'
import type { Alerts } from './alerts.ts'
import { toObject } from './entry.ts'

export type Outcome =
  | { type: 'fired'; detail: string; alert?: string }
  | { type: 'failed'; detail: string }
  | { type: 'retry'; detail: string; afterMs?: number }
  /** Not an attempt: our own limit stood in the way. */
  | { type: 'later'; atMs: number }
export type Perform = (workspace: string, action: Document, signal: AbortSignal) => Promise<Outcome>

/** Answers of a receiver that may be different next time, beside 5xx. */
const passing = new Set([408, 425, 429])
const longestWaitMs = 600_000

export function createPerform({
  egress,
  alerts,
  outlet,
}: {
  egress: Pick<Egress, 'fetch'>
  alerts: Alerts
  /** undefined: nothing is published. */
  outlet?: Pick<Outlet, 'publish'> | undefined
}): Perform {
  async function webhook(workspace: string, action: Document, signal: AbortSignal): Promise<Outcome> {
    const request = toObject(action.request)
    const given = isJsonObject(request.headers) ? (request.headers as { [name: string]: string }) : {}
    try {
      const { status, headers } = await egress.fetch(workspace, String(request.url), {
        method: 'POST',
        headers: {
          ...given,
          'content-type': 'application/json',
          'idempotency-key': String(action.idempotencyKey),
        },
        body: JSON.stringify(request.body ?? null),
        readBody: false,
        signal,
      })
      const detail = `the receiver answered ${status}`
      if (status >= 200 && status < 300) return { type: 'fired', detail }
      if (status < 500 && !passing.has(status)) return { type: 'failed', detail }
      const after = Number(headers['retry-after']) * 1000
      return { type: 'retry', detail, ...(after > 0 && { afterMs: Math.min(after, longestWaitMs) }) }
    } catch (error) {
      if (isAppError(error, 'limit') && typeof error.details.retryAt === 'number')
        return { type: 'later', atMs: error.details.retryAt }
      return toRefusal(error, ['refused', 'invalid', 'unsupported', 'limit', 'too-large'])
    }
  }

  async function publish(workspace: string, action: Document): Promise<Outcome> {
    const { stream, body = null, headers, routingKey } = toObject(action.request)
    try {
      if (!outlet) return { type: 'failed', detail: 'Nothing is published here.' }
      await outlet.publish(workspace, String(stream), {
        id: String(action.idempotencyKey),
        body,
        ...(isJsonObject(headers) && { headers: headers as { [name: string]: string } }),
        ...(typeof routingKey === 'string' && { routingKey }),
      })
      return { type: 'fired', detail: `stored by "${String(stream)}"` }
    } catch (error) {
      return toRefusal(error, ['refused', 'invalid', 'unsupported', 'not-found', 'too-large'])
    }
  }

  async function alert(workspace: string, action: Document): Promise<Outcome> {
    const request = toObject(action.request)
    const window = toObject(action.window)
    const owner = action.deployment ?? action.notebook ?? ''
    const fingerprint =
      typeof request.fingerprint === 'string'
        ? request.fingerprint
        : [request.title, owner, window.key ?? ''].map(String).join(' ')
    const raised = await alerts.fire(
      workspace,
      fingerprint.slice(0, 500),
      {
        action: action.id,
        at: Number(action.at),
        severity: (request.severity ?? 'warning') as Severity,
        title: String(request.title),
        details: request.details ?? {},
      },
      {
        deployment: action.deployment ?? null,
        notebook: action.notebook ?? null,
        model: action.model ?? null,
        run: action.run ?? null,
      },
    )
    return { type: 'fired', detail: `alert ${raised.count === 1 ? 'opened' : 'counted'}`, alert: raised.id }
  }

  return (workspace, action, signal) => {
    if (action.kind === 'alert') return alert(workspace, action)
    if (action.kind === 'webhook') return webhook(workspace, action, signal)
    if (action.kind === 'publish') return publish(workspace, action)
    return Promise.resolve({ type: 'failed', detail: `An action of kind ${String(action.kind)} is unknown.` })
  }
}

function toRefusal(error: unknown, permanent: readonly ErrorCode[]): Outcome {
  const final = isAppError(error) && permanent.includes(error.code)
  return { type: final ? 'failed' : 'retry', detail: toMessage(error) }
}
