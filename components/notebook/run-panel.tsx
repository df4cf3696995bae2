'use client'
import { Button } from '@mantine/core'
import Link from 'next/link'
import { TriggerList } from '../trigger/trigger-list.tsx'
import { useAct, useApi } from '../ui/api.ts'
import { toDuration } from '../ui/format.ts'
import { Ago, Waiting } from '../ui/parts.tsx'
import { StateMark } from '../ui/state-mark.tsx'
import type { PanelProps } from './panel.ts'
import { StretchForm, toVerdict, useStretch } from './stretch-form.tsx'

/** Runs of the whole notebook, and what starts them. */
export function RunPanel({ notebook, draft, values }: PanelProps) {
  const runs = useApi('findRuns', { query: { notebook: notebook.id, limit: 20 } }, { refetchInterval: 3000 })
  const start = useAct('createRun', { said: 'The run is queued' })
  const stretch = useStretch(notebook)
  const isProcessing = notebook.kind === 'processing'
  const { fired } = stretch.form
  const body = {
    // of an action that fired: with the parameters that it had, unless others are given above the cells
    parameters: { ...fired?.parameters, ...values },
    ...(isProcessing && stretch.body),
  }
  return (
    <div className="stack">
      <p className="dim">
        Runs the whole notebook in a fresh kernel, with the parameters above the cells. The page need not stay
        open.
      </p>
      {isProcessing && <StretchForm {...stretch.form} />}
      <Button
        loading={start.isPending}
        disabled={isProcessing && stretch.body === null}
        onClick={() =>
          void draft.flush().then((done) => done && start.mutate({ params: { id: notebook.id }, body }))
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
                {toVerdict(run) && <strong> · {toVerdict(run)}</strong>}
              </span>
            </li>
          ))}
        </ul>
      )}
      <TriggerList notebook={notebook.id} parameters={values} />
    </div>
  )
}
