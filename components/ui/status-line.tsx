import Link from 'next/link'
import type { Overview } from '../../runtime/api/overview.ts'
import { toBytes, toCount, toFigure } from './format.ts'
import { StateMark } from './state-mark.tsx'

export function StatusLine({ overview, failing }: { overview: Overview | undefined; failing: boolean }) {
  if (!overview)
    return <span className="dim">{failing ? 'The server does not answer; trying again' : ''}</span>
  const { runs, processing, watches } = overview
  const troubles = [
    watches.openAlerts > 0 && ['/alerts', toCount(watches.openAlerts, 'open alert')],
    processing.failed > 0 && ['/deployments', `${toCount(processing.failed, 'deployment')} failed`],
  ].filter(Boolean) as [string, string][]
  return (
    <>
      <span>{toCount(overview.kernels, 'kernel')}</span>
      <span>{toFigure(overview.data.rate)} msg/s</span>
      <span>lag {toLag(processing.lag)}</span>
      <span>{toCount(runs.running, 'run')} running</span>
      <span>store {toBytes(overview.storeBytes)}</span>
      <span className="status-end" role="status">
        {failing ? (
          <StateMark state="backoff" label="the server does not answer; trying again" />
        ) : troubles.length === 0 ? (
          <StateMark state="ready" label="all well" />
        ) : (
          troubles.map(([href, text]) => (
            <Link key={href} href={href}>
              <StateMark state="critical" label={text} />
            </Link>
          ))
        )}
      </span>
    </>
  )
}
/** Messages that wait for their deployment. */
export function toLag(lag: number): string {
  return lag === 0 ? '0 msg' : `${toFigure(lag)} msg`
}
