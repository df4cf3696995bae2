'use client'
import { Table } from '@mantine/core'
import Link from 'next/link'
import { useApi } from '../ui/api.ts'
import { toEventTime, toFigure } from '../ui/format.ts'
import { Ago, Empty, PageHead, Waiting } from '../ui/parts.tsx'
import { StateMark } from '../ui/state-mark.tsx'
import { TableScroll } from '../ui/table-scroll.tsx'
import { DeploymentButtons } from './deployment-buttons.tsx'

export function DeploymentsPage() {
  const query = useApi('findDeployments', { query: { limit: 200 } }, { refetchInterval: 3000 })
  return (
    <>
      <PageHead crumbs={[{ label: 'Deployments' }]} />
      {!query.data ? (
        <Waiting query={query} />
      ) : query.data.items.length === 0 ? (
        <Empty title="Nothing is deployed" action={<Link href="/projects">Open a processing notebook</Link>}>
          A deployment holds one version of a processing notebook against its streams, scores each window and
          acts. Open a processing notebook and choose Deploy.
        </Empty>
      ) : (
        <div className="body">
          <TableScroll>
            <Table aria-label="Deployments">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Name</Table.Th>
                  <Table.Th>State</Table.Th>
                  <Table.Th>Streams</Table.Th>
                  <Table.Th className="num">Lag</Table.Th>
                  <Table.Th>Watermark</Table.Th>
                  <Table.Th className="num">Actions</Table.Th>
                  <Table.Th className="num">Restarts</Table.Th>
                  <Table.Th>Changed</Table.Th>
                  <Table.Th />
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {query.data.items.map((one) => {
                  const watermarks = one.inputs.flatMap((input) =>
                    input.watermark === null ? [] : [input.watermark],
                  )
                  return (
                    <Table.Tr key={one.id}>
                      <Table.Td>
                        <Link href={`/deployments/${one.id}`} className="row-link">
                          {one.name}
                        </Link>
                      </Table.Td>
                      <Table.Td title={one.lastError ?? undefined}>
                        <StateMark state={one.state} />
                      </Table.Td>
                      <Table.Td>{one.inputs.map((input) => input.name).join(', ') || '–'}</Table.Td>
                      <Table.Td className="num">
                        {toFigure(one.inputs.reduce((sum, input) => sum + input.lag, 0))} msg
                      </Table.Td>
                      <Table.Td>
                        {watermarks.length === 0 ? '–' : toEventTime(Math.min(...watermarks))}
                      </Table.Td>
                      <Table.Td className="num">{toFigure(one.actions)}</Table.Td>
                      <Table.Td className="num">{one.restarts}</Table.Td>
                      <Table.Td>
                        <Ago at={one.updatedAt} />
                      </Table.Td>
                      <Table.Td>
                        <DeploymentButtons deployment={one} small />
                      </Table.Td>
                    </Table.Tr>
                  )
                })}
              </Table.Tbody>
            </Table>
          </TableScroll>
        </div>
      )}
    </>
  )
}
