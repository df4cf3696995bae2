import { Button, Table } from '@mantine/core'
import { useState } from 'react'
import type { Message } from '../../runtime/api/streams.ts'
import { useApi } from '../ui/api.ts'
import { toEventTime } from '../ui/format.ts'
import { Ago, Waiting } from '../ui/parts.tsx'
import { TableScroll } from '../ui/table-scroll.tsx'

const shown = 50

/** The last messages as a growing table, read again as the stream's events tell; it can be held still. */
export function LastMessages({ id }: { id: string }) {
  const [held, setHeld] = useState<Message[] | null>(null)
  const query = useApi(
    'findMessages',
    { params: { id }, query: { limit: shown } },
    { enabled: held === null, refetchInterval: 15_000 },
  )
  if (!query.data) return <Waiting query={query} lines={4} />
  const all = held ?? query.data.items
  if (all.length === 0)
    return <p className="dim">No message yet. The first one appears here as soon as it is durable.</p>
  return (
    <div className="stack">
      <TableScroll height={360}>
        <Table stickyHeader aria-label="Last messages">
          <Table.Thead>
            <Table.Tr>
              <Table.Th className="num">seq</Table.Th>
              <Table.Th>Event time</Table.Th>
              <Table.Th>Received</Table.Th>
              <Table.Th>Key</Table.Th>
              <Table.Th>Body</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {all.map((message) => (
              <Table.Tr key={message.seq}>
                <Table.Td className="num">{message.seq}</Table.Td>
                <Table.Td>{toEventTime(message.eventTime)}</Table.Td>
                <Table.Td>
                  <Ago at={message.receivedAt} />
                </Table.Td>
                <Table.Td>{message.key ?? <span className="dim">–</span>}</Table.Td>
                <Table.Td className="mono message-body" title={JSON.stringify(message.body)}>
                  {JSON.stringify(message.body)}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </TableScroll>
      <div>
        <Button variant="default" onClick={() => setHeld(held ? null : all)}>
          {held ? 'Follow again' : 'Hold still'}
        </Button>
      </div>
    </div>
  )
}
