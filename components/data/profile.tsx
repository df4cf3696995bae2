import './data.css'
import { Table } from '@mantine/core'
import { useApi } from '../ui/api.ts'
import { toEventTime, toFigure, toTypedCell } from '../ui/format.ts'
import { Waiting } from '../ui/parts.tsx'

/** A row per column: type, missing, distribution, range. */
export function Profile({ id }: { id: string }) {
  const query = useApi('getObjectProfile', { params: { id } }, { staleTime: 60_000 })
  if (!query.data) return <Waiting query={query} lines={3} />
  const { rows, columns } = query.data
  return (
    <div className="table-scroll">
      <Table aria-label="Profile of the columns">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Column</Table.Th>
            <Table.Th>Type</Table.Th>
            <Table.Th>Distribution</Table.Th>
            <Table.Th className="num">Missing</Table.Th>
            <Table.Th className="num">Distinct</Table.Th>
            <Table.Th className="num">Lowest</Table.Th>
            <Table.Th className="num">Mean</Table.Th>
            <Table.Th className="num">Highest</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {columns.map((column) => (
            <Table.Tr key={column.name}>
              <Table.Td fw={500}>{column.name}</Table.Td>
              <Table.Td title={column.native}>{column.type}</Table.Td>
              <Table.Td>
                <Distribution histogram={column.histogram} name={column.name} />
              </Table.Td>
              <Table.Td className="num">
                {column.missing === 0 ? '0' : `${toFigure((column.missing / Math.max(1, rows)) * 100)}%`}
              </Table.Td>
              <Table.Td className="num">
                {column.distinct === null ? '–' : toFigure(column.distinct)}
              </Table.Td>
              <Table.Td className="num">{toTypedCell(column.min, column.type)}</Table.Td>
              <Table.Td className="num">
                {column.mean === null
                  ? ''
                  : column.type === 'time'
                    ? toEventTime(column.mean)
                    : toFigure(column.mean)}
              </Table.Td>
              <Table.Td className="num">{toTypedCell(column.max, column.type)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}

type Histogram = ({ from: number; to: number; count: number } | { value: string; count: number })[]
function Distribution({ histogram, name }: { histogram: Histogram; name: string }) {
  const high = Math.max(1, ...histogram.map((bin) => bin.count))
  if (histogram.length === 0) return null
  if ('value' in histogram[0]!)
    return (
      <span className="top-values">
        {histogram
          .slice(0, 4)
          .map((bin) => `${'value' in bin ? bin.value : ''} ${toFigure(bin.count)}`)
          .join(' · ')}
      </span>
    )
  const words = histogram
    .map((bin) =>
      'from' in bin ? `${toFigure(bin.from)} to ${toFigure(bin.to)}: ${toFigure(bin.count)}` : '',
    )
    .join('\n')
  return (
    <div className="bars" role="img" aria-label={`Distribution of ${name}`} title={words}>
      {histogram.map((bin, index) => (
        <i key={index} style={{ height: `${(bin.count / high) * 100}%` }} />
      ))}
    </div>
  )
}
