import { Badge, Table } from '@mantine/core'
import { IconBroadcast, IconFile, IconTable } from '@tabler/icons-react'
import Link from 'next/link'
import type { DataObject } from '../../runtime/api/objects.ts'
import type { Stream } from '../../runtime/api/streams.ts'
import { useApi } from '../ui/api.ts'
import { toBytes, toCount, toFigure } from '../ui/format.ts'
import { Ago } from '../ui/parts.tsx'
import { Spark } from '../ui/spark.tsx'
import { StateMark } from '../ui/state-mark.tsx'

/** Objects and streams in one table, streams first: they are alive. */
export function DataTable(props: { objects: DataObject[]; streams: Stream[]; filter: string }) {
  const wanted = props.filter.trim().toLowerCase()
  const streams = props.streams.filter((stream) => stream.name.toLowerCase().includes(wanted))
  const objects = props.objects.filter((object) =>
    [object.name, ...object.tags].some((text) => text.toLowerCase().includes(wanted)),
  )
  if (streams.length + objects.length === 0)
    return <p className="dim">Nothing has “{props.filter}” in its name or tags.</p>
  return (
    <div className="table-scroll">
      <Table aria-label="Objects and streams">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>Kind</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th className="num">Rows or rate</Table.Th>
            <Table.Th>Last 5 min</Table.Th>
            <Table.Th className="num">Size</Table.Th>
            <Table.Th>Changed</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {streams.map((stream) => (
            <StreamRow key={stream.id} stream={stream} />
          ))}
          {objects.map((object) => (
            <ObjectRow key={object.id} object={object} />
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}

const sources = { amqp: 'AMQP stream', http: 'HTTP stream', simulator: 'simulated stream' }
function StreamRow({ stream }: { stream: Stream }) {
  const rates = useApi(
    'getStreamRates',
    { params: { id: stream.id }, query: { seconds: 300, bucket: 10 } },
    { refetchInterval: 10_000 },
  )
  return (
    <Table.Tr>
      <Table.Td>
        <Name
          href={`/data/streams/${stream.id}`}
          name={stream.name}
          icon={<IconBroadcast size={16} stroke={1.6} />}
        />
      </Table.Td>
      <Table.Td>{sources[stream.source.type]}</Table.Td>
      <Table.Td>
        <StateMark state={stream.enabled ? stream.state : 'paused'} />
      </Table.Td>
      <Table.Td className="num">{toFigure(stream.rate)} msg/s</Table.Td>
      <Table.Td>
        <Spark values={(rates.data?.items ?? []).map((item) => item.count)} label="Messages" height={20} />
      </Table.Td>
      <Table.Td className="num">{toCount(stream.messages, 'message')}</Table.Td>
      <Table.Td>
        <Ago at={stream.lastReceivedAt} />
      </Table.Td>
    </Table.Tr>
  )
}
function ObjectRow({ object }: { object: DataObject }) {
  const table = object.rows !== null
  return (
    <Table.Tr>
      <Table.Td>
        <Name
          href={`/data/objects/${object.id}`}
          name={object.name}
          icon={table ? <IconTable size={16} stroke={1.6} /> : <IconFile size={16} stroke={1.6} />}
        />
        {object.tags.map((tag) => (
          <Badge key={tag} color="gray" ml={6}>
            {tag}
          </Badge>
        ))}
      </Table.Td>
      <Table.Td>{object.mediaType.split(';')[0]}</Table.Td>
      <Table.Td>
        <StateMark state="ready" label="stored" />
      </Table.Td>
      <Table.Td className="num">
        {object.rows === null ? '–' : `${toFigure(object.rows)} × ${object.columns.length}`}
      </Table.Td>
      <Table.Td />
      <Table.Td className="num">{toBytes(object.bytes)}</Table.Td>
      <Table.Td>
        <Ago at={object.updatedAt} />
      </Table.Td>
    </Table.Tr>
  )
}
function Name({ href, name, icon }: { href: string; name: string; icon: React.ReactNode }) {
  return (
    <Link href={href} className="row-link named">
      {icon}
      {name}
    </Link>
  )
}
