'use client'
import { Button, Progress } from '@mantine/core'
import Link from 'next/link'
import { useParams } from 'next/navigation'
import { useReducer } from 'react'
import type { Output, Run } from '../../runtime/api/runs.ts'
import { ErrorText } from '../output/error-text.tsx'
import { Outputs } from '../output/outputs.tsx'
import { OutputStage } from '../output/stage.tsx'
import { client, useAct, useApi } from '../ui/api.ts'
import { toBytes, toDuration, toFigure } from '../ui/format.ts'
import { JsonView } from '../ui/json-view.tsx'
import { useLive } from '../ui/live.ts'
import { Ago, Facts, PageHead, Section, Waiting } from '../ui/parts.tsx'
import { StateMark } from '../ui/state-mark.tsx'

const isLive = (run: Run) => run.state === 'queued' || run.state === 'running'

export function RunPage() {
  const { id } = useParams<{ id: string }>()
  const query = useApi('getRun', { params: { id } })
  const cancel = useAct('cancelRun', { said: 'The run is cancelled' })
  const run = query.data as Run | undefined
  const crumbs = [
    { label: 'Runs', href: '/runs' },
    { label: run ? `${run.notebook.name} v${run.notebook.version}` : 'Run' },
  ]
  if (!run)
    return (
      <>
        <PageHead crumbs={crumbs} />
        <Waiting query={query} />
      </>
    )
  return (
    <>
      <PageHead crumbs={crumbs} note={<StateMark state={run.state} />}>
        {isLive(run) && (
          <Button
            variant="default"
            loading={cancel.isPending}
            onClick={() => cancel.mutate({ params: { id } })}
          >
            Cancel the run
          </Button>
        )}
        <Button component={Link} variant="default" href={`/notebooks/${run.notebook.id}`}>
          Open the notebook
        </Button>
      </PageHead>
      <div className="body">
        {run.error && <ErrorText value={run.error} plain={run.error.message} />}
        {run.progress && isLive(run) && (
          <Progress
            value={(run.progress.done / Math.max(1, run.progress.total)) * 100}
            aria-label={run.progress.label ?? 'Progress'}
          />
        )}
        <Receipt run={run} />
        <Section title="Parameters">
          <JsonView value={run.parameters} label="the parameters" />
        </Section>
        <Section title="Result">
          <JsonView value={run.result} label="the result" />
        </Section>
        <Section title="Outputs">
          <RunOutputs run={run} onEnd={() => void query.refetch()} />
        </Section>
      </div>
    </>
  )
}

function Receipt({ run }: { run: Run }) {
  const { receipt } = run
  return (
    <Facts
      items={[
        ['By', run.trigger.type],
        ['Asked for', <Ago key="c" at={run.createdAt} />],
        ['Waited', run.startedAt === null ? '–' : toDuration(run.startedAt - run.createdAt)],
        ['Took', receipt ? toDuration(receipt.wallMs) : '–'],
        ['CPU', receipt ? toDuration(receipt.cpuMs) : '–'],
        ['Peak memory', receipt ? toBytes(receipt.peakBytes) : '–'],
        ['Messages read', receipt ? toFigure(receipt.messages) : '–'],
        ['Data from the sandbox', receipt ? toBytes(receipt.bytes) : '–'],
        ...(receipt?.packages ?? []).map((used): [string, string] => [
          'Package',
          `${used.name} ${used.version}`,
        ]),
        ['Cost', receipt ? `${toFigure(receipt.cost)} EUR` : '–'],
      ]}
    />
  )
}

function RunOutputs({ run, onEnd }: { run: Run; onEnd: () => void }) {
  const [more, add] = useReducer((all: Output[], output: Output) => [...all, output].slice(-2000), [])
  const live = isLive(run)
  useLive(live ? client.url('getRunEvents', { params: { id: run.id } }) : null, ({ event, data }) => {
    if (event === 'output') add(data as Output)
    else if (event === 'state' && !isLive(data as Run)) onEnd()
  })
  const bySeq = new Map([...(run.outputs ?? []), ...more].map((output) => [output.seq, output]))
  const outputs = [...bySeq.values()].toSorted((a, b) => a.seq - b.seq)
  if (outputs.length === 0) return <p className="dim">{live ? 'Nothing yet.' : 'The run had no outputs.'}</p>
  const cells = [...new Set(outputs.map((output) => output.cell))]
  return (
    <OutputStage>
      {cells.map((cell) => (
        <Outputs
          key={cell ?? ''}
          scope={`run-${cell ?? 'all'}`}
          outputs={outputs.filter((one) => one.cell === cell)}
        />
      ))}
    </OutputStage>
  )
}
