import { Table } from '@mantine/core'
import Link from 'next/link'
import type { Overview } from '../../runtime/api/overview.ts'
import { toEventTime, toFigure } from '../ui/format.ts'
import { Ago } from '../ui/parts.tsx'
import { StateMark } from '../ui/state-mark.tsx'

export function TimelineTable({ items }: { items: Overview['timeline'] }) {
  return (
    <div className="table-scroll" style={{ maxHeight: 400, overflowY: 'auto' }}>
      <Table stickyHeader>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>When</Table.Th>
            <Table.Th>What</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>Value</Table.Th>
            <Table.Th>Event time</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.toReversed().map((item) => (
            <Table.Tr key={`${item.kind}${item.id}`}>
              <Table.Td>
                <Ago at={item.at} />
              </Table.Td>
              <Table.Td>{item.link ? <Link href={item.link}>{item.title}</Link> : item.title}</Table.Td>
              <Table.Td>{item.kind === 'row' ? 'score' : <StateMark state={item.state} />}</Table.Td>
              <Table.Td className="num">{item.value === null ? '' : toFigure(item.value)}</Table.Td>
              <Table.Td>{item.eventTime === null ? '' : toEventTime(item.eventTime)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}
