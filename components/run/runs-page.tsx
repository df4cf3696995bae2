'use client'
import { Button, SegmentedControl, Table } from '@mantine/core'
import Link from 'next/link'
import { useRouter, useSearchParams } from 'next/navigation'
import { Suspense } from 'react'
import { runState, type RunState } from '../../runtime/api/runs.ts'
import { useAct, useApi } from '../ui/api.ts'
import { toBytes, toDuration } from '../ui/format.ts'
import { Ago, Empty, PageHead, Waiting } from '../ui/parts.tsx'
import { StateMark } from '../ui/state-mark.tsx'

export function RunsPage() {
  return (
    <Suspense>
      <Runs />
    </Suspense>
  )
}
function Runs() {
  const router = useRouter()
  const given = runState.safeParse(useSearchParams().get('state'))
  const state: RunState | undefined = given.data
  const query = useApi(
    'findRuns',
    { query: { limit: 100, ...(state ? { state } : {}) } },
    { refetchInterval: 3000 },
  )
  const cancel = useAct('cancelRun', { said: 'The run is cancelled' })
  return (
    <>
      <PageHead crumbs={[{ label: 'Runs' }]} />
      <div className="body">
        <SegmentedControl
          size="xs"
          aria-label="State"
          style={{ alignSelf: 'flex-start', maxWidth: '100%', overflowX: 'auto' }}
          value={state ?? 'all'}
          onChange={(value) => router.replace(value === 'all' ? '/runs' : `/runs?state=${value}`)}
          data={['all', 'queued', 'running', 'succeeded', 'failed']}
        />
        {!query.data ? (
          <Waiting query={query} />
        ) : query.data.items.length === 0 ? (
          <Empty
            title={state ? `No run is ${state}` : 'No runs yet'}
            action={<Link href="/projects">Open a notebook</Link>}
          >
            A run executes a whole notebook in a fresh kernel: by a person, the API, a schedule or a stream.
          </Empty>
        ) : (
          <div className="table-scroll">
            <Table aria-label="Runs">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>State</Table.Th>
                  <Table.Th>Notebook</Table.Th>
                  <Table.Th>By</Table.Th>
                  <Table.Th>Asked for</Table.Th>
                  <Table.Th className="num">Took</Table.Th>
                  <Table.Th className="num">CPU</Table.Th>
                  <Table.Th className="num">Peak memory</Table.Th>
                  <Table.Th />
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {query.data.items.map((run) => (
                  <Table.Tr key={run.id}>
                    <Table.Td>
                      <StateMark state={run.state} />
                    </Table.Td>
                    <Table.Td>
                      <Link href={`/runs/${run.id}`} className="row-link">
                        {run.notebook.name} v{run.notebook.version}
                      </Link>
                    </Table.Td>
                    <Table.Td>{run.trigger.type}</Table.Td>
                    <Table.Td>
                      <Ago at={run.createdAt} />
                    </Table.Td>
                    <Table.Td className="num">{run.receipt ? toDuration(run.receipt.wallMs) : '–'}</Table.Td>
                    <Table.Td className="num">{run.receipt ? toDuration(run.receipt.cpuMs) : '–'}</Table.Td>
                    <Table.Td className="num">{run.receipt ? toBytes(run.receipt.peakBytes) : '–'}</Table.Td>
                    <Table.Td>
                      {(run.state === 'queued' || run.state === 'running') && (
                        <Button
                          variant="default"
                          size="compact-xs"
                          onClick={() => cancel.mutate({ params: { id: run.id } })}
                        >
                          Cancel
                        </Button>
                      )}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </div>
        )}
      </div>
    </>
  )
}
