import { Table } from '@mantine/core'
import { keepPreviousData } from '@tanstack/react-query'
import type { Stream } from '../../runtime/api/streams.ts'
import type { StreamSchema } from '../../runtime/api/digests.ts'
import { useApi } from '../ui/api.ts'
import { toCount, toFigure } from '../ui/format.ts'
import { Ago, CodeBlock, Section, Waiting } from '../ui/parts.tsx'
import { StateMark } from '../ui/state-mark.tsx'
import { TableScroll } from '../ui/table-scroll.tsx'

/** The fields that messages have had, and how they drifted. */
export function SchemaSection({ stream }: { stream: Stream }) {
  const query = useApi(
    'getStreamSchema',
    { params: { id: stream.id } },
    { refetchInterval: 30_000, placeholderData: keepPreviousData },
  )
  const schema = query.data
  const aside = schema && schema.observed > 0 ? `of ${toCount(schema.observed, 'message')}` : undefined
  return (
    <Section title="Schema" aside={aside}>
      {!schema ? (
        <Waiting query={query} lines={4} />
      ) : schema.observed === 0 ? (
        <p className="dim">No message yet. Its fields are listed here once they come.</p>
      ) : (
        <div className="stack">
          <FieldTable schema={schema} />
          {schema.behind > 0 && (
            <p className="dim">{toCount(schema.behind, 'message')} still to be looked at.</p>
          )}
          {schema.truncated && <p className="dim">There are more fields; the first 200 are kept.</p>}
          {schema.drift.length > 0 && <DriftTable drift={schema.drift} />}
          {schema.type !== null && (
            <details>
              <summary>As notebooks know it</summary>
              <CodeBlock label="Copy the type" text={schema.type} />
            </details>
          )}
        </div>
      )}
    </Section>
  )
}

function FieldTable({ schema }: { schema: StreamSchema }) {
  return (
    <TableScroll height={420}>
      <Table stickyHeader aria-label="Fields">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Field</Table.Th>
            <Table.Th>Types</Table.Th>
            <Table.Th className="num">Present</Table.Th>
            <Table.Th className="num">Range</Table.Th>
            <Table.Th>First seen</Table.Th>
            <Table.Th>Last seen</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {schema.fields.map((field) => (
            <Table.Tr key={field.path}>
              <Table.Td className="mono">{field.path === '$' ? 'the body' : field.path}</Table.Td>
              <Table.Td>{toTypes(field.types)}</Table.Td>
              <Table.Td className="num">
                {field.share === null ? '–' : `${toFigure(Math.floor(field.share * 1000) / 10)} %`}
              </Table.Td>
              <Table.Td className="num">{toRange(field)}</Table.Td>
              <Table.Td>
                <Ago at={field.firstAt} />
              </Table.Td>
              <Table.Td>
                {field.vanished ? <StateMark state="backoff" label="vanished" /> : <Ago at={field.lastAt} />}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </TableScroll>
  )
}

const drifts = {
  appeared: 'a new field',
  vanished: 'a field vanished',
  returned: 'a field is back',
  type: 'another type',
}
function DriftTable({ drift }: { drift: StreamSchema['drift'] }) {
  return (
    <TableScroll height={260}>
      <Table stickyHeader aria-label="Drift of the schema">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Drift</Table.Th>
            <Table.Th>What</Table.Th>
            <Table.Th className="num">seq</Table.Th>
            <Table.Th>When</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {drift.toReversed().map((one) => (
            <Table.Tr key={`${one.seq} ${one.kind} ${one.path}`}>
              <Table.Td>
                <StateMark state="backoff" label={drifts[one.kind]} />
              </Table.Td>
              <Table.Td className="wrap">{one.detail}</Table.Td>
              <Table.Td className="num">{toFigure(one.seq)}</Table.Td>
              <Table.Td>
                <Ago at={one.at} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </TableScroll>
  )
}

/** The most frequent first; the share of each where there are more. */
export function toTypes(types: Record<string, number>): string {
  const all = Object.values(types).reduce((sum, count) => sum + count, 0)
  const sorted = Object.entries(types).toSorted((a, b) => b[1] - a[1])
  if (sorted.length === 1) return sorted[0]![0]
  return sorted.map(([type, count]) => `${type} ${toFigure((count / all) * 100)} %`).join(', ')
}
function toRange(field: StreamSchema['fields'][number]): string {
  const { min, max, minLength, maxLength } = field
  const parts: string[] = []
  if (min !== null && max !== null) parts.push(`${toFigure(min)} to ${toFigure(max)}`)
  if (minLength !== null && maxLength !== null) {
    const unit = field.types.array ? 'items' : 'characters'
    parts.push(minLength === maxLength ? `${minLength} ${unit}` : `${minLength} to ${maxLength} ${unit}`)
  }
  return parts.join(', ') || '–'
}
