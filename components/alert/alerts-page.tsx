'use client'
/** Alerts like a mailbox: a list on the left, the chosen one on the right; J and K move, E acknowledges, R resolves. */
import { SegmentedControl } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import Link from 'next/link'
import { useParams, useRouter, useSearchParams } from 'next/navigation'
import { Suspense } from 'react'
import { alertState } from '../../runtime/api/actions.ts'
import { useAct, useApi } from '../ui/api.ts'
import { toEventTime } from '../ui/format.ts'
import { Empty, PageHead, Waiting } from '../ui/parts.tsx'
import { StateMark } from '../ui/state-mark.tsx'
import { AlertDetail } from './alert-detail.tsx'
import './alert.css'

export function AlertsPage() {
  return (
    <Suspense>
      <Alerts />
    </Suspense>
  )
}
function Alerts() {
  const router = useRouter()
  const address = useSearchParams()
  const route = useParams<{ id?: string }>()
  const state = alertState.safeParse(address.get('state')).data
  const query = useApi(
    'findAlerts',
    { query: { limit: 200, ...(state ? { state } : {}) } },
    { refetchInterval: 5000 },
  )
  const acknowledge = useAct('acknowledgeAlert', { said: 'Acknowledged' })
  const resolve = useAct('resolveAlert', { said: 'Resolved' })
  const alerts = query.data?.items ?? []
  const wanted = route.id ?? address.get('id')
  const chosen = alerts.find((alert) => alert.id === wanted) ?? (wanted ? undefined : alerts[0])
  const go = (id: string | undefined) => {
    if (id === undefined) return
    const next = new URLSearchParams(state ? { state } : {})
    next.set('id', id)
    router.replace(`/alerts?${next}`, { scroll: false })
  }
  const step = (by: number) => () => {
    const index = alerts.findIndex((alert) => alert.id === chosen?.id)
    go(alerts[Math.min(alerts.length - 1, Math.max(0, index + by))]?.id)
  }
  const onAcknowledge = () => {
    if (chosen?.state === 'open') acknowledge.mutate({ params: { id: chosen.id } })
  }
  const onResolve = () => {
    if (chosen && chosen.state !== 'resolved') resolve.mutate({ params: { id: chosen.id } })
  }
  useHotkeys([
    ['J', step(1)],
    ['K', step(-1)],
    ['E', onAcknowledge],
    ['R', onResolve],
  ])
  return (
    <>
      <PageHead
        crumbs={[{ label: 'Alerts' }]}
        note={<span className="hide-small">J and K move · E acknowledges · R resolves</span>}
      >
        <SegmentedControl
          size="xs"
          aria-label="State"
          value={state ?? 'all'}
          onChange={(value) => router.replace(value === 'all' ? '/alerts' : `/alerts?state=${value}`)}
          data={['all', 'open', 'acknowledged', 'resolved']}
        />
      </PageHead>
      {!query.data ? (
        <Waiting query={query} />
      ) : alerts.length === 0 ? (
        <Empty
          title={state ? `No alert is ${state}` : 'No alerts'}
          action={<Link href="/deployments">See deployments</Link>}
        >
          A deployed notebook raises an alert with <code>act.alert(title)</code> when a window is abnormal.
        </Empty>
      ) : (
        <div className="mailbox">
          <ul className="mail-list" aria-label="Alerts">
            {alerts.map((alert) => (
              <li key={alert.id}>
                <button
                  type="button"
                  aria-current={alert.id === chosen?.id || undefined}
                  onClick={() => go(alert.id)}
                >
                  <span className="mail-title">{alert.title}</span>
                  <span className="mail-line">
                    <StateMark state={alert.severity} />
                    <StateMark state={alert.state} />
                    <span className="dim">
                      {alert.count > 1 && `${alert.count} times · `}
                      {toEventTime(alert.lastAt)}
                    </span>
                  </span>
                </button>
              </li>
            ))}
          </ul>
          {chosen ? (
            <AlertDetail alert={chosen} onAcknowledge={onAcknowledge} onResolve={onResolve} />
          ) : (
            <p className="dim pad">This alert is not in the list.</p>
          )}
        </div>
      )}
    </>
  )
}
