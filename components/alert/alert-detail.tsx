'use client'
import { Button } from '@mantine/core'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import type { Alert } from '../../runtime/api/actions.ts'
import { RowChart } from '../deployment/row-chart.tsx'
import { useRows } from '../deployment/rows.ts'
import { useApi } from '../ui/api.ts'
import { toEventTime } from '../ui/format.ts'
import { JsonView } from '../ui/json-view.tsx'
import { Facts, Section } from '../ui/parts.tsx'
import { StateMark } from '../ui/state-mark.tsx'

export function AlertDetail(props: { alert: Alert; onAcknowledge: () => void; onResolve: () => void }) {
  const { alert } = props
  const { links } = alert
  const link = (href: string, text: string) => <Link href={href}>{text}</Link>
  return (
    <article className="mail" aria-label={alert.title}>
      <div className="mail-head">
        <h2>{alert.title}</h2>
        <div className="toolbar">
          <StateMark state={alert.severity} />
          <StateMark state={alert.state} />
          <Button variant="default" disabled={alert.state !== 'open'} onClick={props.onAcknowledge}>
            Acknowledge
          </Button>
          <Button variant="default" disabled={alert.state === 'resolved'} onClick={props.onResolve}>
            Resolve
          </Button>
        </div>
      </div>
      <Facts
        items={[
          ['First', toEventTime(alert.firstAt)],
          ['Last', toEventTime(alert.lastAt)],
          ['Times', alert.count],
          ['Acknowledged by', alert.acknowledgedBy ?? '–'],
          ['Deployment', links.deployment ? link(`/deployments/${links.deployment}`, 'open') : '–'],
          [
            'Model',
            links.model
              ? link(`/models/${encodeURIComponent(links.model.split('@')[0]!)}`, links.model)
              : '–',
          ],
          ['Notebook', links.notebook ? link(`/notebooks/${links.notebook}`, 'open') : '–'],
          ['Action', links.action ? link(`/actions/${links.action}`, 'open') : '–'],
        ]}
      />
      {links.deployment && (
        <Section title="The windows around it">
          <Around deployment={links.deployment} />
        </Section>
      )}
      <Section title="Details">
        <JsonView value={alert.details} label="the details" />
      </Section>
    </article>
  )
}

function Around({ deployment }: { deployment: string }) {
  const router = useRouter()
  const rows = useRows(deployment)
  const actions = useApi('findActions', { query: { deployment, limit: 100 } })
  return (
    <RowChart
      rows={rows}
      actions={actions.data?.items ?? []}
      onAction={(id) => router.push(`/actions/${id}`)}
    />
  )
}
