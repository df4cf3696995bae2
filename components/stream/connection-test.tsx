import { Button } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import type { z } from 'zod'
import type { streamDefinition } from '../../runtime/api/streams.ts'
import { client, toText } from '../ui/api.ts'
import { toFigure } from '../ui/format.ts'
import { StateMark } from '../ui/state-mark.tsx'

/** Tests the connection while one types, half a second after the last key. It takes no message. */
export function ConnectionTest(props: { definition: z.input<typeof streamDefinition> | null; type: string }) {
  const text = props.definition === null ? null : JSON.stringify(props.definition)
  const [settled] = useDebouncedValue(text, 600)
  const query = useQuery({
    queryKey: ['connection-test', settled],
    enabled: settled !== null && props.type !== 'http',
    retry: false,
    staleTime: 0,
    queryFn: ({ signal }) =>
      client.call('testStream', { body: JSON.parse(settled!) as z.input<typeof streamDefinition>, signal }),
  })
  if (props.type === 'http')
    return (
      <p className="dim">
        The address to push to, and the curl for it, are shown when the stream is defined.
      </p>
    )
  return (
    <div className="connection" role="status" aria-label="Connection test">
      <div className="toolbar">
        <Button
          variant="default"
          disabled={settled === null}
          loading={query.isFetching}
          onClick={() => void query.refetch()}
        >
          Test the connection
        </Button>
        <span className="dim">takes no message</span>
      </div>
      {settled === null ? (
        <p className="dim">It is tested as soon as the fields above are filled in.</p>
      ) : query.error ? (
        <StateMark state="failed" label={toText(query.error)} />
      ) : (
        query.data && (
          <>
            <StateMark state={query.data.ok ? 'ready' : 'failed'} label={query.data.detail} />
            {query.data.messages !== null && (
              <p className="dim">
                {toFigure(query.data.messages)} messages wait, {toFigure(query.data.consumers ?? 0)} other
                consumers
                {query.data.queueType ? `, ${query.data.queueType} queue` : ''}
              </p>
            )}
            {query.data.sample.slice(0, 3).map((message, index) => (
              <pre key={index} className="sample">
                {JSON.stringify(message)}
              </pre>
            ))}
          </>
        )
      )}
    </div>
  )
}
