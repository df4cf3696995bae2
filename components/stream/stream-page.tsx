'use client'
import { Button, Menu } from '@mantine/core'
import { IconDots, IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react'
import { useParams, useRouter } from 'next/navigation'
import { useState } from 'react'
import { ask } from '../ui/ask.tsx'
import { useAct, useApi } from '../ui/api.ts'
import { toFigure } from '../ui/format.ts'
import { CodeBlock, PageHead, Section, Waiting } from '../ui/parts.tsx'
import { StateMark } from '../ui/state-mark.tsx'
import { DeadLetters } from './dead-letters.tsx'
import { LastMessages } from './last-messages.tsx'
import { IngestFacts } from './ingest-facts.tsx'
import { RateChart } from './rate-chart.tsx'
import { RetentionSection } from './retention-section.tsx'
import { RollupSection } from './rollup-section.tsx'
import { SchemaSection } from './schema-section.tsx'
import { pickDefinition, toPushCurl } from './definition.ts'
import { StreamPanel } from './stream-panel.tsx'
import { TimeSection } from './time-section.tsx'
import { UsedBy } from './used-by.tsx'
import { useStreamEvents } from './use-stream-events.ts'
import './stream.css'

export function StreamPage() {
  const { id } = useParams<{ id: string }>()
  const router = useRouter()
  const [editing, setEditing] = useState(false)
  const query = useApi('getStream', { params: { id } }, { refetchInterval: 5000 })
  useStreamEvents(id)
  const objects = useApi('findObjects', { query: { limit: 500 } }, { enabled: editing })
  const update = useAct('updateStream')
  const remove = useAct('deleteStream', { said: 'The stream is deleted', done: () => router.push('/data') })
  const stream = query.data
  const crumbs = [{ label: 'Data', href: '/data' }, { label: stream?.name ?? 'Stream' }]
  if (!stream)
    return (
      <>
        <PageHead crumbs={crumbs} />
        <Waiting query={query} />
      </>
    )
  const { source } = stream
  const toggle = () =>
    update.mutate({ params: { id }, body: { enabled: !stream.enabled }, revision: stream.revision })
  const confirm = () =>
    ask({
      title: `Delete ${stream.name}?`,
      text: `Its log of ${toFigure(stream.messages)} messages goes with it. This cannot be undone.`,
      action: 'Delete the stream',
      onYes: () => remove.mutate({ params: { id } }),
    })
  return (
    <>
      <PageHead crumbs={crumbs} note={<StateMark state={stream.enabled ? stream.state : 'paused'} />}>
        <Button
          variant="default"
          loading={update.isPending}
          onClick={toggle}
          leftSection={stream.enabled ? <IconPlayerPause size={16} /> : <IconPlayerPlay size={16} />}
        >
          {stream.enabled ? 'Pause' : 'Resume'}
        </Button>
        <Button variant="default" onClick={() => setEditing(true)}>
          Change
        </Button>
        <Menu position="bottom-end">
          <Menu.Target>
            <Button variant="default" px={8} aria-label="More">
              <IconDots size={16} />
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item color="var(--bad)" onClick={confirm}>
              Delete the stream
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </PageHead>
      <div className="body">
        {stream.lastError && (
          <p role="alert">
            <StateMark
              state={stream.state === 'misconfigured' ? 'misconfigured' : 'backoff'}
              label={stream.lastError}
            />
          </p>
        )}
        <IngestFacts stream={stream} />
        <Section title="Messages a second">
          <RateChart id={id} />
        </Section>
        <TimeSection stream={stream} />
        <Section title="Last messages">
          <LastMessages id={id} />
        </Section>
        <Section title="Dead letters" aside={toFigure(stream.deadLetters)}>
          <DeadLetters stream={stream} />
        </Section>
        <SchemaSection stream={stream} />
        <RollupSection stream={stream} />
        <RetentionSection stream={stream} />
        <Section title="Used by">
          <UsedBy id={id} />
        </Section>
        {source.type === 'http' && (
          <Section title="Push messages">
            <CodeBlock label="Copy the command" text={toPushCurl(id)} />
          </Section>
        )}
        <Section title="Definition" aside={`definition ${stream.definition}`}>
          <CodeBlock label="Copy the definition" text={JSON.stringify(pickDefinition(stream), null, 2)} />
        </Section>
      </div>
      {editing && (
        <StreamPanel
          opened
          stream={stream}
          onClose={() => setEditing(false)}
          objects={objects.data?.items ?? []}
        />
      )}
    </>
  )
}
