import { Table } from '@mantine/core'
import { useApi } from '../ui/api.ts'
import { Ago, Waiting } from '../ui/parts.tsx'

/** What could not be used, with its reason. */
export function DeadLetters({ id, count }: { id: string; count: number }) {
  const query = useApi('findDeadLetters', { params: { id }, query: { limit: 50 } }, { enabled: count > 0 })
  if (count === 0)
    return (
      <p className="dim">None. A message that cannot be read or has no time is kept here, with its reason.</p>
    )
  if (!query.data) return <Waiting query={query} lines={2} />
  return (
    <div className="table-scroll" style={{ maxHeight: 300, overflowY: 'auto' }}>
      <Table stickyHeader aria-label="Dead letters">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Received</Table.Th>
            <Table.Th>Reason</Table.Th>
            <Table.Th>As it came</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {query.data.items.map((letter) => (
            <Table.Tr key={letter.seq}>
              <Table.Td>
                <Ago at={letter.receivedAt} />
              </Table.Td>
              <Table.Td className="wrap">{letter.reason}</Table.Td>
              <Table.Td className="mono message-body" title={letter.raw}>
                {letter.raw}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}
