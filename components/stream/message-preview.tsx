import { Table, Textarea } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Result } from '../../runtime/api/client.ts'
import { client, toText } from '../ui/api.ts'
import { toCount, toEventTime } from '../ui/format.ts'
import { StateMark } from '../ui/state-mark.tsx'
import { TableScroll } from '../ui/table-scroll.tsx'
import { toReading } from './definition.ts'
import type { StreamForm } from './form.ts'

/** A message as it would come, and what the definition that is typed makes of it. */
export function MessagePreview({ form, sample }: { form: StreamForm; sample: string }) {
  const [typed, setTyped] = useState<string | null>(null)
  const text = typed ?? sample
  const asked = JSON.stringify({
    definition: {
      ...toReading(form),
      maxFuture: form.maxFuture === '' ? null : Number(form.maxFuture) * 1000,
    },
    text,
  })
  const [settled] = useDebouncedValue(asked, 400)
  const query = useQuery({
    queryKey: ['preview', settled],
    enabled: text.trim() !== '',
    retry: false,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      client.call('previewMessage', {
        body: JSON.parse(settled) as { definition: ReturnType<typeof toReading>; text: string },
        signal,
      }),
  })
  return (
    <>
      <Textarea
        label="Try a message"
        description="Read by what is typed above; nothing is stored"
        placeholder='{"timestamp":"2026-01-01T00:00:00Z","host":"web-1","value":42}'
        autosize
        minRows={2}
        maxRows={8}
        className="mono-input"
        value={text}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      {text.trim() !== '' && (
        <div role="status" aria-label="Preview">
          {query.error ? (
            <StateMark state="failed" label={toText(query.error)} />
          ) : (
            query.data && <Events found={query.data} />
          )}
        </div>
      )}
    </>
  )
}

function Events({ found: { events, count } }: { found: Result<'previewMessage'> }) {
  const dead = events.filter(({ reason }) => reason !== null).length
  const said = `${toCount(count, 'message')}${dead > 0 ? `, ${dead === count ? 'a dead letter' : `${dead} of them dead letters`}` : ''}`
  return (
    <>
      <StateMark
        state={dead > 0 ? 'backoff' : 'ready'}
        label={count === 1 && dead === 1 ? 'A dead letter' : said}
      />
      <TableScroll>
        <Table aria-label="Messages of the preview">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Event time</Table.Th>
              <Table.Th>Key</Table.Th>
              <Table.Th>Body</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {events.map((event, index) => (
              <Table.Tr key={index}>
                {event.reason === null ? (
                  <>
                    <Table.Td>{event.eventTime === null ? '–' : toEventTime(event.eventTime)}</Table.Td>
                    <Table.Td>{event.key ?? '–'}</Table.Td>
                    <Table.Td className="mono message-body" title={JSON.stringify(event.body)}>
                      {JSON.stringify(event.body)}
                    </Table.Td>
                  </>
                ) : (
                  <Table.Td className="wrap" colSpan={3}>
                    {event.reason}
                  </Table.Td>
                )}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </TableScroll>
    </>
  )
}
