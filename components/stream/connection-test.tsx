import { Button } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import type { Result } from '../../runtime/api/client.ts'
import { toText } from '../ui/api.ts'
import { toFigure } from '../ui/format.ts'
import { StateMark } from '../ui/state-mark.tsx'

/** What the source says: it is asked while one types, and nothing is taken from it. `told`: the error stands at a field. */
export function ConnectionTest(props: {
  query: UseQueryResult<Result<'testStream'>>
  ready: boolean
  told: boolean
  type: string
  /** Makes the queue that is missing. */
  onMake: () => void
  making: boolean
}) {
  const { query, ready, type } = props
  if (type === 'http')
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
          disabled={!ready}
          loading={query.isFetching}
          onClick={() => void query.refetch()}
        >
          Test the connection
        </Button>
        <span className="dim">takes no message</span>
      </div>
      {!ready ? (
        <p className="dim">It is tested as soon as the fields above are filled in.</p>
      ) : query.error ? (
        !props.told && <StateMark state="failed" label={toText(query.error)} />
      ) : (
        query.data && (
          <>
            <Found result={query.data} />
            {query.data.missing === 'queue' && (
              <div className="toolbar">
                <Button variant="default" loading={props.making} onClick={props.onMake}>
                  Make the queue
                </Button>
                <span className="dim">durable, quorum</span>
              </div>
            )}
          </>
        )
      )}
    </div>
  )
}

function Found({ result }: { result: Result<'testStream'> }) {
  return (
    <>
      <StateMark state={result.ok ? 'ready' : 'failed'} label={result.detail} />
      {result.messages !== null && (
        <p className="dim">
          {toFigure(result.messages)} messages wait, {toFigure(result.consumers ?? 0)} other consumers
          {result.queueType ? `, ${result.queueType} queue` : ''}
        </p>
      )}
      {result.sample.slice(0, 3).map((message, index) => (
        <pre key={index} className="sample">
          {JSON.stringify(message)}
        </pre>
      ))}
    </>
  )
}
