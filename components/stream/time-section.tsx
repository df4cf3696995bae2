import { Button, Table } from '@mantine/core'
import { keepPreviousData } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import type { Stream, TimeView } from '../../runtime/api/streams.ts'
import { useAct, useApi } from '../ui/api.ts'
import { Chart } from '../ui/chart.tsx'
import { toCount, toDuration, toEventTime, toFigure } from '../ui/format.ts'
import { Section, Waiting } from '../ui/parts.tsx'
import { TableScroll } from '../ui/table-scroll.tsx'

const states = [
  ['inOrder', 'in order', 'circle', undefined],
  ['outOfOrder', 'out of order', 'diamond', undefined],
  ['late', 'behind the watermark', 'triangle-up', '#b7791f'],
  ['rejected', 'rejected at most', 'x', '#c92a2a'],
] as const

/** Event time against arrival with the watermark, and how far out of order the messages come. */
export function TimeSection({ stream }: { stream: Stream }) {
  const query = useApi(
    'getStreamTime',
    { params: { id: stream.id }, query: { messages: 2000 } },
    { refetchInterval: 15_000, placeholderData: keepPreviousData },
  )
  const view = query.data
  const hasDisorder = (view?.messages ?? 0) > 1
  useEffect(() => {
    // who comes for the bound is led there once it is known
    if (hasDisorder && location.hash === '#disorder') document.getElementById('disorder')?.scrollIntoView()
  }, [hasDisorder])
  const aside = view && view.messages > 0 ? `the newest ${toCount(view.messages, 'message')}` : undefined
  return (
    <>
      <Section title="Event time" aside={aside}>
        {!view ? <Waiting query={query} lines={4} /> : <TimeChart view={view} />}
      </Section>
      {view && hasDisorder && (
        <Section
          id="disorder"
          title="Disorder"
          aside={`bound ${toDuration(stream.outOfOrder)}, lateness ${toDuration(stream.lateness)}`}
        >
          <Disorder view={view} stream={stream} />
        </Section>
      )}
    </>
  )
}

/** Event times are those of the data: UTC. Arrival is local, as everywhere. */
const toUtc = (at: number) => new Date(at).toISOString().slice(0, -1)

function TimeChart({ view }: { view: TimeView }) {
  const data = useMemo(() => {
    const marks = states.map(([state, name, symbol, color]) => {
      const points = view.points.filter((point) => point.state === state)
      return {
        type: 'scatter',
        mode: 'markers',
        name,
        marker: { symbol, size: state === 'inOrder' ? 4 : 7, ...(color ? { color } : {}) },
        x: points.map(({ receivedAt }) => new Date(receivedAt)),
        y: points.map(({ eventTime }) => toUtc(eventTime)),
      }
    })
    const watermark = {
      type: 'scatter',
      mode: 'lines',
      name: 'watermark',
      line: { shape: 'hv', width: 1.5, dash: 'dot' },
      x: view.watermark.map(({ at }) => new Date(at)),
      y: view.watermark.map((step) => toUtc(step.watermark)),
    }
    return [...marks.filter(({ x }) => x.length > 0), watermark]
  }, [view])
  if (view.messages === 0)
    return <p className="dim">No message yet. Where their times lie is shown once they arrive.</p>
  const odd = view.points.filter(({ state }) => state === 'late' || state === 'rejected').slice(-50)
  return (
    <>
      <Chart
        data={data}
        layout={layout}
        height={260}
        label="Event time against arrival, with the watermark"
      />
      <p className="dim">
        {toFigure(view.outOfOrder)} out of order, {toFigure(view.late)} behind the watermark,{' '}
        {toFigure(view.rejected)} beyond lateness: a window takes those only while it is still open.
      </p>
      {odd.length > 0 && (
        <details>
          <summary>Those behind the watermark as a table</summary>
          <TableScroll height={260}>
            <Table stickyHeader aria-label="Messages behind the watermark">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th className="num">seq</Table.Th>
                  <Table.Th>Event time</Table.Th>
                  <Table.Th className="num">Arrived after it</Table.Th>
                  <Table.Th>Is</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {odd.toReversed().map(({ seq, eventTime, receivedAt, state }) => (
                  <Table.Tr key={seq}>
                    <Table.Td className="num">{seq}</Table.Td>
                    <Table.Td>{toEventTime(eventTime)}</Table.Td>
                    <Table.Td className="num">{toDuration(Math.max(receivedAt - eventTime, 0))}</Table.Td>
                    <Table.Td>{state === 'late' ? 'behind the watermark' : 'beyond lateness'}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </TableScroll>
        </details>
      )}
    </>
  )
}
const layout = {
  xaxis: { type: 'date', title: { text: 'arrived' } },
  yaxis: { type: 'date', title: { text: 'event time, UTC' } },
  hovermode: 'closest',
  margin: { l: 72, r: 16, t: 8, b: 64 },
}

function Disorder({ view, stream }: { view: TimeView; stream: Stream }) {
  const update = useAct('updateStream', { said: 'The bound is changed' })
  const bars = useMemo(
    () => [
      {
        type: 'bar',
        name: 'messages',
        x: view.histogram.map(({ from, to }) =>
          to === 0 ? 'in order' : to === null ? `over ${toDuration(from)}` : `to ${toDuration(to)}`,
        ),
        y: view.histogram.map(({ count }) => count),
      },
    ],
    [view],
  )
  const use = (bound: number) =>
    update.mutate({ params: { id: stream.id }, body: { outOfOrder: bound }, revision: stream.revision })
  const share = (count: number) => `${toFigure((count / view.messages) * 100)} %`
  return (
    <>
      <Chart
        data={bars}
        layout={barLayout}
        height={180}
        label="Messages by how far they lie behind the greatest event time before them"
      />
      <TableScroll>
        <Table aria-label="What each bound would do">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Bound: windows wait so long</Table.Th>
              <Table.Th className="num">Behind the watermark</Table.Th>
              <Table.Th className="num">Rejected at most</Table.Th>
              <Table.Th />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {view.choices.map(({ bound, behind, rejected }) => (
              <Table.Tr key={bound}>
                <Table.Td>
                  {toDuration(bound)} {bound === view.proposed && <span className="dim">proposed</span>}
                </Table.Td>
                <Table.Td className="num">
                  {toFigure(behind)} · {share(behind)}
                </Table.Td>
                <Table.Td className="num">
                  {toFigure(rejected)} · {share(rejected)}
                </Table.Td>
                <Table.Td>
                  {bound === stream.outOfOrder ? (
                    <span className="dim">in use</span>
                  ) : (
                    <Button
                      variant="default"
                      size="compact-sm"
                      aria-label={`Use the bound ${toDuration(bound)}`}
                      disabled={update.isPending}
                      onClick={() => use(bound)}
                    >
                      Use
                    </Button>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </TableScroll>
    </>
  )
}
const barLayout = {
  xaxis: { type: 'category', title: { text: 'behind the greatest event time before' } },
  yaxis: { title: { text: 'messages' } },
  showlegend: false,
  margin: { l: 56, r: 16, t: 8, b: 48 },
}
