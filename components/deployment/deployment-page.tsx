'use client'
import { Alert, Button, Table } from '@mantine/core'
import Link from 'next/link'
import { useParams, useRouter } from 'next/navigation'
import { ActionTable } from '../action/action-table.tsx'
import { ask } from '../ui/ask.tsx'
import { useAct, useApi } from '../ui/api.ts'
import { toEventTime, toFigure } from '../ui/format.ts'
import { JsonView } from '../ui/json-view.tsx'
import { PageHead, Section, Waiting } from '../ui/parts.tsx'
import { StateMark } from '../ui/state-mark.tsx'
import { TableScroll } from '../ui/table-scroll.tsx'
import { DeploymentButtons } from './deployment-buttons.tsx'
import { DeploymentCounters, DeploymentFacts } from './deployment-facts.tsx'
import { LateSection } from './late-section.tsx'
import { RowChart } from './row-chart.tsx'
import { RowTable } from './row-table.tsx'
import { useRows } from './rows.ts'
import { toWindowText } from './window-text.ts'

export function DeploymentPage() {
  const { id } = useParams<{ id: string }>()
  const router = useRouter()
  const query = useApi('getDeployment', { params: { id } }, { refetchInterval: 2000 })
  const actions = useApi('findActions', { query: { deployment: id, limit: 100 } }, { refetchInterval: 5000 })
  const remove = useAct('deleteDeployment', {
    said: 'The deployment is deleted',
    done: () => router.push('/deployments'),
  })
  const rows = useRows(id)
  const deployment = query.data
  const crumbs = [{ label: 'Deployments', href: '/deployments' }, { label: deployment?.name ?? 'Deployment' }]
  if (!deployment)
    return (
      <>
        <PageHead crumbs={crumbs} />
        <Waiting query={query} />
      </>
    )
  return (
    <>
      <PageHead crumbs={crumbs} note={<StateMark state={deployment.state} />}>
        <DeploymentButtons deployment={deployment} />
        <Button
          variant="default"
          onClick={() =>
            ask({
              title: `Delete ${deployment.name}?`,
              text: 'It stops, and its rows go with it. Its actions and alerts stay.',
              action: 'Delete the deployment',
              onYes: () => remove.mutate({ params: { id } }),
            })
          }
        >
          Delete
        </Button>
      </PageHead>
      <div className="body">
        {deployment.lastError && (
          <Alert color="red" title="Last error">
            {deployment.lastError}
          </Alert>
        )}
        <DeploymentFacts deployment={deployment} />
        <Section title="Live" aside="event time, UTC">
          <RowChart
            rows={rows}
            actions={actions.data?.items ?? []}
            onAction={(action) => router.push(`/actions/${action}`)}
          />
          <RowTable rows={rows} />
        </Section>
        <Section title="Actions" aside={<Link href={`/actions?deployment=${id}`}>The ledger</Link>}>
          {actions.data ? (
            <ActionTable actions={actions.data.items} />
          ) : (
            <Waiting query={actions} lines={3} />
          )}
        </Section>
        <Section title="Streams">
          <TableScroll>
            <Table aria-label="Streams">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Stream</Table.Th>
                  <Table.Th>Window</Table.Th>
                  <Table.Th className="num">Next message</Table.Th>
                  <Table.Th className="num">Lag</Table.Th>
                  <Table.Th>Watermark</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {deployment.inputs.map((input) => (
                  <Table.Tr key={input.stream}>
                    <Table.Td>
                      <Link href={`/data/streams/${input.stream}`}>{input.name}</Link>
                    </Table.Td>
                    <Table.Td title={JSON.stringify(input.window)}>{toWindowText(input.window)}</Table.Td>
                    <Table.Td className="num">{toFigure(input.nextSeq)}</Table.Td>
                    <Table.Td className="num">{toFigure(input.lag)}</Table.Td>
                    <Table.Td>{input.watermark === null ? '–' : toEventTime(input.watermark)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </TableScroll>
        </Section>
        <DeploymentCounters counters={deployment.counters} />
        <LateSection deployment={deployment} />
        <Section title="Parameters">
          <JsonView value={deployment.parameters} label="the parameters" />
        </Section>
      </div>
    </>
  )
}
