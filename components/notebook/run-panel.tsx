'use client'
import { Button } from '@mantine/core'
import Link from 'next/link'
import { TriggerList } from '../trigger/trigger-list.tsx'
import { useAct, useApi } from '../ui/api.ts'
import { toDuration } from '../ui/format.ts'
import { Ago, Waiting } from '../ui/parts.tsx'
import { StateMark } from '../ui/state-mark.tsx'
import type { PanelProps } from './panel.ts'

/** Runs of the whole notebook, and what starts them. */
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
      <TriggerList notebook={notebook.id} parameters={values} />
    </div>
  )
}
