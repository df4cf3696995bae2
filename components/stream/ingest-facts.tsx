import type { Stream } from '../../runtime/api/streams.ts'
import { toBytes, toDuration, toEventTime, toFigure } from '../ui/format.ts'
import { Ago, Facts } from '../ui/parts.tsx'

const counted = [
  ['redelivered', 'Redelivered'],
  ['duplicates', 'Repeats dropped'],
  ['reconnects', 'Reconnects'],
  ['retries', 'Retried writes'],
  ['maxDeliveryCount', 'Highest delivery count'],
] as const

/** How the messages come in: what its source and its writer tell. A figure that there is none of for its kind is left out. */
export function IngestFacts({ stream }: { stream: Stream }) {
  const { ingest, maxEventTime, lastReceivedAt } = stream
  const has = (name: string): boolean => ingest[name] !== undefined
  const toLag = (): string => {
    if (maxEventTime === null || lastReceivedAt === null) return '–'
    const ms = lastReceivedAt - maxEventTime
    return ms < 0 ? `${toDuration(-ms)} ahead` : toDuration(ms)
  }
  return (
    <Facts
      items={[
        ['Messages a second', `${toFigure(stream.rate)} msg/s`],
        ['Bytes a second', `${toBytes(Math.round(stream.byteRate))}/s`],
        ['Messages', toFigure(stream.messages)],
        ['Log', toBytes(stream.bytes)],
        ['Waiting at the source', stream.lag === null ? 'not known' : toFigure(stream.lag)],
        ...(has('queueDepth') && ingest.queueDepth! >= 0
          ? [['Queue depth', toFigure(ingest.queueDepth!)] as [string, string]]
          : []),
        ...(has('unacknowledged')
          ? [['Unacknowledged', toFigure(ingest.unacknowledged!)] as [string, string]]
          : []),
        ...(has('commitP50Ms')
          ? [
              [
                'Commit, p50 and p99',
                `${toFigure(ingest.commitP50Ms!)} and ${toFigure(ingest.commitP99Ms ?? 0)} ms`,
              ] as [string, string],
            ]
          : []),
        // a simulator replays what was long ago
        ...(stream.source.type === 'simulator' ? [] : [['Event to log', toLag()] as [string, string]]),
        ['Quarantined', toFigure(stream.deadLetters)],
        ...counted
          .filter(([name]) => has(name))
          .map(([name, label]) => [label, toFigure(ingest[name]!)] as [string, string]),
        ['Last received', <Ago key="at" at={lastReceivedAt} />],
        ['Newest event time', maxEventTime === null ? '–' : toEventTime(maxEventTime)],
        ['Watermark', maxEventTime === null ? '–' : toEventTime(maxEventTime - stream.outOfOrder)],
      ]}
    />
  )
}
