import Link from 'next/link'
import type { Deployment } from '../../runtime/api/deployments.ts'
import { toDuration, toEventTime, toFigure } from '../ui/format.ts'
import { Ago, Facts, Section } from '../ui/parts.tsx'

/** What is deployed, since when, and how far it is. */
export function DeploymentFacts({ deployment }: { deployment: Deployment }) {
  const { notebook, inputs, receipt } = deployment
  const cpuMs = receipt?.cpuMs
  return (
    <Facts
      items={[
        [
          'Notebook, pinned',
          <Link key="n" href={`/notebooks/${notebook.id}`}>
            {notebook.name} v{notebook.version}
          </Link>,
        ],
        ['Began', toStart(deployment.from)],
        ['Lag', `${toFigure(inputs.reduce((sum, input) => sum + input.lag, 0))} msg`],
        ['Commits', toFigure(deployment.commit)],
        ['Actions', toFigure(deployment.actions)],
        ['Restarts', deployment.restarts],
        ...(typeof cpuMs === 'number' ? [['CPU', toDuration(cpuMs)] as [string, string]] : []),
        ['Changed', <Ago key="u" at={deployment.updatedAt} />],
      ]}
    />
  )
}
function toStart(from: Deployment['from']): string {
  if (from === 'now') return 'with what came then'
  if (from === 'first') return 'with the first message'
  if ('seq' in from) return `at message ${toFigure(from.seq)}`
  const { eventTime } = from
  return typeof eventTime === 'number' ? toEventTime(eventTime) : eventTime
}

const names: Record<string, string> = {
  received: 'Received',
  windows: 'Windows',
  rows: 'Rows',
  outOfOrder: 'Out of order',
  behindWatermark: 'Behind the watermark',
  lateAccepted: 'Late, taken all the same',
  rejected: 'Too late',
  rejectedAssignments: 'Windows that were closed for them',
  future: 'Too far ahead',
  retries: 'Handler calls repeated',
  keys: 'Keys with a state',
  actions: 'Actions',
}
/** Of the messages that it took, by event time. A counter without a name of its own keeps that of the API. */
export function DeploymentCounters({ counters }: { counters: Deployment['counters'] }) {
  const known = Object.keys(names).filter((name) => counters[name] !== undefined)
  const others = Object.keys(counters).filter((name) => !(name in names))
  return (
    <Section title="Counters">
      {known.length + others.length === 0 ? (
        <p className="dim">Nothing is counted before its first commit.</p>
      ) : (
        <Facts
          items={[...known, ...others.toSorted()].map((name) => [
            names[name] ?? name,
            toFigure(counters[name]!),
          ])}
        />
      )}
    </Section>
  )
}
