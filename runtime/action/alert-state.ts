/**
 * The life of an alert, pure: open → acknowledged → resolved. A firing of an alert that is not resolved counts; one of
 * a resolved alert opens a new alert, so that each episode has its own beginning and end. The last firings are
 * remembered by action, so that the same action applied twice (a process died in between) counts once.
 */
import { AppError } from '../error.ts'
import type { Json } from '../json.ts'

export type Severity = 'info' | 'warning' | 'critical'
export const severities: readonly Severity[] = ['info', 'warning', 'critical']
export interface AlertState {
  state: 'open' | 'acknowledged' | 'resolved' | 'silenced'
  severity: Severity
  title: string
  details: Json
  count: number
  /** Event time where there is one. */
  firstAt: number
  lastAt: number
  acknowledgedBy: string | null
  /** Ids of the last firings, newest last. */
  recent: string[]
}
export interface Firing {
  action: string
  at: number
  severity: Severity
  title: string
  details: Json
}
export type AlertOperation =
  | ({ type: 'fire' } & Firing)
  | { type: 'acknowledge'; by: string }
  | { type: 'resolve' }
export type AlertEffect = 'open' | 'save'

const remembered = 50

/** `open`: the returned state is a new alert; `save`: the given one changed; no effect: nothing did. */
export function apply(
  alert: AlertState | undefined,
  operation: AlertOperation,
): { alert: AlertState; effects: AlertEffect[] } {
  switch (operation.type) {
    case 'fire':
      return fire(alert, operation)
    case 'acknowledge':
      if (!alert || alert.state === 'resolved') throw closed('acknowledged')
      if (alert.state === 'acknowledged') return { alert, effects: [] }
      return { alert: { ...alert, state: 'acknowledged', acknowledgedBy: operation.by }, effects: ['save'] }
    case 'resolve':
      if (!alert) throw closed('resolved')
      if (alert.state === 'resolved') return { alert, effects: [] }
      return { alert: { ...alert, state: 'resolved' }, effects: ['save'] }
  }
}

function closed(what: string): AppError {
  return new AppError(
    'conflict',
    `The alert is resolved and cannot be ${what}. A new firing opens a new alert.`,
  )
}

function fire(alert: AlertState | undefined, firing: Firing): { alert: AlertState; effects: AlertEffect[] } {
  if (alert?.recent.includes(firing.action)) return { alert, effects: [] }
  if (!alert || alert.state === 'resolved')
    return {
      alert: {
        state: 'open',
        severity: firing.severity,
        title: firing.title,
        details: firing.details,
        count: 1,
        firstAt: firing.at,
        lastAt: firing.at,
        acknowledgedBy: null,
        recent: [firing.action],
      },
      effects: ['open'],
    }
  const newest = firing.at >= alert.lastAt
  return {
    alert: {
      ...alert,
      severity:
        severities[Math.max(severities.indexOf(alert.severity), severities.indexOf(firing.severity))]!,
      title: newest ? firing.title : alert.title,
      details: newest ? firing.details : alert.details,
      count: alert.count + 1,
      firstAt: Math.min(alert.firstAt, firing.at),
      lastAt: Math.max(alert.lastAt, firing.at),
      recent: [...alert.recent, firing.action].slice(-remembered),
    },
    effects: ['save'],
  }
}
