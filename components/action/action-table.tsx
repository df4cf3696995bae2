import { Button, Table } from '@mantine/core'
import Link from 'next/link'
import type { Action } from '../../runtime/api/actions.ts'
import { useAct } from '../ui/api.ts'
import { toEventTime } from '../ui/format.ts'
import { Ago } from '../ui/parts.tsx'
import { StateMark } from '../ui/state-mark.tsx'

export function ActionTable({ actions }: { actions: Action[] }) {
  const retry = useAct('retryAction', { said: 'The action is sent again' })
  if (actions.length === 0) return <p className="dim">No action yet.</p>
  return (
    <div className="table-scroll">
      <Table aria-label="Actions">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Kind</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>What</Table.Th>
            <Table.Th>Event time</Table.Th>
            <Table.Th>Asked for</Table.Th>
            <Table.Th>Model</Table.Th>
            <Table.Th className="num">Attempts</Table.Th>
            <Table.Th />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {actions.map((action) => (
            <Table.Tr key={action.id}>
              <Table.Td>
                <Link href={`/actions/${action.id}`} className="row-link">
                  {action.kind}
                </Link>
              </Table.Td>
              <Table.Td title={action.attempts.at(-1)?.detail}>
                <StateMark state={action.state} />
              </Table.Td>
              <Table.Td>{toWhat(action)}</Table.Td>
              <Table.Td>{toEventTime(action.at)}</Table.Td>
              <Table.Td>
                <Ago at={action.createdAt} />
              </Table.Td>
              <Table.Td>
                {action.model ? (
                  <Link href={`/models/${encodeURIComponent(action.model.name)}`}>
                    {action.model.name} v{action.model.version}
                  </Link>
                ) : (
                  '–'
                )}
              </Table.Td>
              <Table.Td className="num">{action.attempts.length}</Table.Td>
              <Table.Td>
                {action.state === 'failed' && (
                  <Button
                    size="compact-xs"
                    variant="default"
                    onClick={() => retry.mutate({ params: { id: action.id } })}
                  >
                    Retry
                  </Button>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}
/** One line of what the action does. */
export function toWhat(action: Action): string {
  const { url, title, stream } = action.request
  return String(title ?? url ?? stream ?? action.key)
}
