'use client'
/** Utilisation, saturation and errors of each resource: a word beside the bar says what is high. */
import { Table } from '@mantine/core'
import type { Resource } from '../../runtime/api/probe-message.ts'
import { toBytes, toFigure } from '../ui/format.ts'
import { Section } from '../ui/parts.tsx'

const kinds: Record<Resource['kind'], string> = {
  cpu: 'CPU',
  memory: 'Memory',
  swap: 'Swap',
  disk: 'Disk',
  network: 'Network',
  pressure: 'Pressure',
}
const high = 0.8

export function ResourceTable({ resources }: { resources: readonly Resource[] }) {
  if (resources.length === 0) return null
  return (
    <Section title="Resources" aside={<span>utilisation, saturation, errors</span>}>
      <div className="table-scroll" tabIndex={0} role="group" aria-label="Resources, table">
        <Table aria-label="Resources">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Resource</Table.Th>
              <Table.Th>Utilisation</Table.Th>
              <Table.Th className="num">Rate</Table.Th>
              <Table.Th className="num">Saturation</Table.Th>
              <Table.Th>of what</Table.Th>
              <Table.Th className="num">Errors a second</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {resources.map((one) => (
              <Table.Tr key={`${one.kind} ${one.name}`}>
                <Table.Td>
                  {kinds[one.kind]} {one.name !== one.kind && <span className="dim">{one.name}</span>}
                </Table.Td>
                <Table.Td>
                  <Utilisation value={one.utilisation} />
                </Table.Td>
                <Table.Td className="num">{one.rate === null ? '–' : `${toBytes(one.rate)}/s`}</Table.Td>
                <Table.Td className="num">
                  {one.saturation === null ? '–' : toFigure(one.saturation)}
                </Table.Td>
                <Table.Td className="dim">{one.saturationUnit}</Table.Td>
                <Table.Td className="num">{one.errors === null ? '–' : toFigure(one.errors)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </Section>
  )
}
function Utilisation({ value }: { value: number | null }) {
  if (value === null) return <span className="dim">–</span>
  return (
    <span className="probe-bar" data-high={value >= high || undefined}>
      <span aria-hidden className="probe-bar-line">
        <span style={{ width: `${value * 100}%` }} />
      </span>
      {toFigure(value * 100)} %{value >= high && ' high'}
    </span>
  )
}
