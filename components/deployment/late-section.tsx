import { Button, Table } from '@mantine/core'
import { keepPreviousData } from '@tanstack/react-query'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import type { Deployment, LateMessage } from '../../runtime/api/deployments.ts'
import { ask } from '../ui/ask.tsx'
import { useAct, useApi } from '../ui/api.ts'
import { toDuration, toEventTime, toFigure } from '../ui/format.ts'
import { Section, Waiting } from '../ui/parts.tsx'
import { StateMark } from '../ui/state-mark.tsx'
import { TableScroll } from '../ui/table-scroll.tsx'
import { toLateBy, toStretch } from './late.ts'

const shown = 50

/** What no window took: why, by how much, and what can be done about it. */
export function LateSection({ deployment }: { deployment: Deployment }) {
  const { id } = deployment
  /** Cursors of the pages before this one. */
  const [path, setPath] = useState<string[]>([])
  const cursor = path.at(-1)
  const query = useApi(
    'findLateMessages',
    { params: { id }, query: { limit: shown, ...(cursor === undefined ? {} : { cursor }) } },
    { placeholderData: keepPreviousData, refetchInterval: cursor === undefined ? 10_000 : false },
  )
  const { rejected = 0, future = 0 } = deployment.counters
  const aside =
    rejected + future > 0 ? `${toFigure(rejected)} too late, ${toFigure(future)} ahead` : undefined
  const page = query.data
  return (
    <Section title="Late messages" aside={aside}>
      {!page ? (
        <Waiting query={query} lines={2} />
      ) : page.items.length === 0 && path.length === 0 ? (
        <p className="dim">None. A message that no window takes any more is kept here: the last 1,000.</p>
      ) : (
        <div className="stack">
          <WaysOn deployment={deployment} items={page.items} />
          <LateTable deployment={deployment} items={page.items} />
          {(path.length > 0 || page.nextCursor !== null) && (
            <div className="toolbar">
              <Button
                variant="default"
                disabled={path.length === 0}
                onClick={() => setPath(path.slice(0, -1))}
              >
                Newer
              </Button>
              <Button
                variant="default"
                disabled={page.nextCursor === null}
                onClick={() => page.nextCursor !== null && setPath([...path, page.nextCursor])}
              >
                Older
              </Button>
            </div>
          )}
        </div>
      )}
    </Section>
  )
}

/** Wait longer from now on, or take them in after all in a run of its own. */
function WaysOn({ deployment, items }: { deployment: Deployment; items: LateMessage[] }) {
  const router = useRouter()
  const run = useAct('createRun', { done: (made) => router.push(`/runs/${made.id}`) })
  const stretch = toStretch(items)
  const streams = [...new Set(items.map(({ stream }) => stream))]
  const start = () =>
    stretch &&
    ask({
      title: `Run ${deployment.notebook.name} v${deployment.notebook.version} over these?`,
      text: `All messages from ${toEventTime(stretch.from)} to ${toEventTime(stretch.to)} go through it, these in their places. The rows are the run’s result; the actions that it takes are the run’s own and are sent. The deployment stays as it is.`,
      action: 'Run over these',
      onYes: () =>
        run.mutate({
          params: { id: deployment.notebook.id },
          body: { version: deployment.notebook.version, parameters: deployment.parameters, ...stretch },
        }),
    })
  return (
    <div className="toolbar">
      <Button variant="default" disabled={!stretch} loading={run.isPending} onClick={start}>
        Run over these
      </Button>
      {streams.map((stream) => (
        <Link key={stream} href={`/data/streams/${stream}#disorder`}>
          The bound that would have taken them
          {streams.length > 1 && `: ${nameOf(deployment, stream)}`}
        </Link>
      ))}
    </div>
  )
}
const nameOf = ({ inputs }: Deployment, stream: string): string =>
  inputs.find((input) => input.stream === stream)?.name ?? stream

function LateTable({ deployment, items }: { deployment: Deployment; items: LateMessage[] }) {
  return (
    <TableScroll height={360}>
      <Table stickyHeader aria-label="Late messages">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Why</Table.Th>
            <Table.Th className="num">By</Table.Th>
            <Table.Th>Event time</Table.Th>
            <Table.Th>Watermark</Table.Th>
            <Table.Th>Key</Table.Th>
            <Table.Th>Message</Table.Th>
            <Table.Th>Body</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((item) => (
            <Table.Tr key={item.number}>
              <Table.Td>
                <StateMark
                  state={item.reason === 'late' ? 'rejected' : 'limited'}
                  label={item.reason === 'late' ? 'too late' : 'too far ahead'}
                />
              </Table.Td>
              <Table.Td className="num">{toLateText(item)}</Table.Td>
              <Table.Td>{toEventTime(item.eventTime)}</Table.Td>
              <Table.Td>{item.watermark === null ? '–' : toEventTime(item.watermark)}</Table.Td>
              <Table.Td>{item.key ?? '–'}</Table.Td>
              <Table.Td>
                <Link href={`/data/streams/${item.stream}`}>{nameOf(deployment, item.stream)}</Link>{' '}
                {toFigure(item.seq)}
              </Table.Td>
              <Table.Td className="mono" title={JSON.stringify(item.body)}>
                {JSON.stringify(item.body)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </TableScroll>
  )
}
function toLateText(item: LateMessage): string {
  const ms = toLateBy(item)
  return ms === null ? '–' : toDuration(ms)
}
