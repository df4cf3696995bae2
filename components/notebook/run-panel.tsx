'use client'
import { Button, TextInput } from '@mantine/core'
import Link from 'next/link'
import { useState } from 'react'
import { useAct, useApi } from '../ui/api.ts'
import { toDuration } from '../ui/format.ts'
import { Ago, Waiting } from '../ui/parts.tsx'
import { StateMark } from '../ui/state-mark.tsx'
import type { PanelProps } from './panel.ts'

/** Runs of the whole notebook, and a schedule for them. */
export function RunPanel({ notebook, draft, values }: PanelProps) {
  const runs = useApi('findRuns', { query: { notebook: notebook.id, limit: 20 } }, { refetchInterval: 3000 })
  const start = useAct('createRun', { said: 'The run is queued' })
  return (
    <div className="stack">
      <p className="dim">
        Runs the whole notebook in a fresh kernel, with the parameters above the cells. The page need not stay
        open.
      </p>
      <Button
        loading={start.isPending}
        onClick={() =>
          void draft
            .flush()
            .then(
              (done) => done && start.mutate({ params: { id: notebook.id }, body: { parameters: values } }),
            )
        }
      >
        Run the notebook
      </Button>
      {!runs.data ? (
        <Waiting query={runs} lines={3} />
      ) : (
        <ul className="versions">
          {runs.data.items.map((run) => (
            <li key={run.id}>
              <Link href={`/runs/${run.id}`}>
                <StateMark state={run.state} />
              </Link>
              <span className="dim">
                v{run.notebook.version} · <Ago at={run.createdAt} />
                {run.receipt && ` · ${toDuration(run.receipt.wallMs)}`}
              </span>
            </li>
          ))}
        </ul>
      )}
      <Schedules notebook={notebook.id} values={values} />
    </div>
  )
}

function Schedules({ notebook, values }: { notebook: string; values: PanelProps['values'] }) {
  const [cron, setCron] = useState('0 * * * *')
  const triggers = useApi('findTriggers', { query: { notebook } })
  const create = useAct('createTrigger', { said: 'The schedule is on' })
  const update = useAct('updateTrigger')
  const remove = useAct('deleteTrigger', { said: 'The trigger is deleted' })
  return (
    <section className="stack" aria-label="Triggers">
      <h3>Triggers</h3>
      {(triggers.data?.items ?? []).map((trigger) => (
        <div key={trigger.id} className="trigger">
          <span>
            {trigger.spec.type === 'schedule' ? `${trigger.spec.cron} ${trigger.spec.zone}` : 'by stream'}
            <span className="dim">
              {trigger.nextAt !== null && (
                <>
                  {' '}
                  · next <Ago at={trigger.nextAt} />
                </>
              )}
              {trigger.lastError && ` · ${trigger.lastError}`}
            </span>
          </span>
          <Button
            variant="subtle"
            onClick={() =>
              update.mutate({
                params: { id: trigger.id },
                body: { enabled: !trigger.enabled },
                revision: trigger.revision,
              })
            }
          >
            {trigger.enabled ? 'Turn off' : 'Turn on'}
          </Button>
          <Button variant="subtle" color="red" onClick={() => remove.mutate({ params: { id: trigger.id } })}>
            Delete
          </Button>
        </div>
      ))}
      <form
        className="toolbar"
        onSubmit={(event) => {
          event.preventDefault()
          create.mutate({
            body: { notebook, spec: { type: 'schedule', cron, zone: 'UTC' }, parameters: values },
          })
        }}
      >
        <TextInput
          className="grow"
          aria-label="Schedule as cron, UTC"
          value={cron}
          onChange={(event) => setCron(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" loading={create.isPending}>
          Add a schedule
        </Button>
      </form>
    </section>
  )
}
