'use client'
import { ActionIcon, Button, Menu } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import Link from 'next/link'
import { useState } from 'react'
import type { JsonObject } from '../../runtime/json.ts'
import { useAct, useApi } from '../ui/api.ts'
import { ask } from '../ui/ask.tsx'
import { Ago, CodeBlock, Waiting } from '../ui/parts.tsx'
import { StateMark } from '../ui/state-mark.tsx'
import { describeSpec, type Trigger } from './form.ts'
import { TriggerDialog } from './trigger-dialog.tsx'
import { NextTimes } from './trigger-fields.tsx'
import './trigger.css'

/** The triggers of a notebook: what starts it, when next, and what became of the last time. */
export function TriggerList({ notebook, parameters }: { notebook: string; parameters: JsonObject }) {
  const triggers = useApi('findTriggers', { query: { notebook } }, { refetchInterval: 5000 })
  const [open, setOpen] = useState<Trigger | 'new' | null>(null)
  return (
    <section className="stack" aria-label="Triggers">
      <h3>Triggers</h3>
      {!triggers.data ? (
        <Waiting query={triggers} lines={2} />
      ) : triggers.data.items.length === 0 ? (
        <p className="dim">Nothing starts this notebook by itself yet.</p>
      ) : (
        <ul className="triggers">
          {triggers.data.items.map((trigger) => (
            <TriggerRow key={trigger.id} trigger={trigger} onChange={() => setOpen(trigger)} />
          ))}
        </ul>
      )}
      <Button variant="default" onClick={() => setOpen('new')}>
        Add a trigger
      </Button>
      {open !== null && (
        <TriggerDialog
          notebook={notebook}
          trigger={open === 'new' ? null : open}
          parameters={parameters}
          onClose={() => setOpen(null)}
        />
      )}
    </section>
  )
}

function TriggerRow({ trigger, onChange }: { trigger: Trigger; onChange: () => void }) {
  const { id, spec, enabled, revision, lastFiring, lastError } = trigger
  const params = { id }
  const streams = useApi('findStreams', { query: { limit: 200 } }, { enabled: spec.type === 'stream' })
  const notebooks = useApi('findNotebooks', { query: { limit: 200 } }, { enabled: spec.type === 'run' })
  const [path, setPath] = useState<string | null>(null)
  const update = useAct('updateTrigger')
  const fire = useAct('fireTrigger', { said: 'It fires' })
  const remove = useAct('deleteTrigger', { said: 'The trigger is deleted' })
  const token = useAct('createTriggerToken', { done: (made) => setPath(made.path) })
  const named = [...(streams.data?.items ?? []), ...(notebooks.data?.items ?? [])]
  const title = describeSpec(spec, (one) => named.find((item) => item.id === one)?.name ?? one)
  return (
    <li aria-label={title}>
      <div className="trigger-head">
        <span className={enabled ? undefined : 'dim'}>{title}</span>
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon aria-label={`What to do with ${title}`}>
              <IconDots size={16} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={onChange}>Change</Menu.Item>
            <Menu.Item disabled={!enabled} onClick={() => fire.mutate({ params, body: {} })}>
              Fire now
            </Menu.Item>
            <Menu.Item onClick={() => update.mutate({ params, body: { enabled: !enabled }, revision })}>
              {enabled ? 'Turn off' : 'Turn on'}
            </Menu.Item>
            <Menu.Item onClick={() => token.mutate({ params })}>
              {trigger.hasToken ? 'Make another path to call it' : 'Make a path to call it'}
            </Menu.Item>
            <Menu.Item
              color="red"
              onClick={() =>
                ask({
                  title: 'Delete the trigger?',
                  text: `${title}: its firings are forgotten, its runs stay.`,
                  action: 'Delete',
                  onYes: () => remove.mutate({ params }),
                })
              }
            >
              Delete
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
      {!enabled && <StateMark state="paused" label="off" />}
      <NextTimes times={trigger.nextTimes} zone={spec.zone ?? 'UTC'} />
      {lastFiring ? <LastFiring firing={lastFiring} /> : <p className="dim">It has not fired yet.</p>}
      {lastError !== null && (
        <p className="trigger-error" role="status">
          {lastError}
        </p>
      )}
      {path !== null && (
        <>
          <p className="dim">This path is shown once. Whoever has it can fire this trigger.</p>
          <CodeBlock text={`curl -X POST ${location.origin}${path}`} label="Copy the call" />
        </>
      )}
    </li>
  )
}

function LastFiring({ firing }: { firing: NonNullable<Trigger['lastFiring']> }) {
  const { state, run, at, attempts, reason, failureRun, failureError } = firing
  const mark = <StateMark state={state} label={state === 'retrying' ? 'trying again' : undefined} />
  return (
    <p className="last-firing">
      <span className="dim">Last </span>
      {run === null ? mark : <Link href={`/runs/${run}`}>{mark}</Link>}{' '}
      <span className="dim">
        <Ago at={at} />
        {attempts.length > 1 && ` · ${attempts.length} attempts`}
        {reason !== null && ` · ${reason}`}
        {failureError !== null && ` · the notebook for failures did not start: ${failureError}`}
      </span>
      {failureRun !== null && <Link href={`/runs/${failureRun}`}> run on failure</Link>}
    </p>
  )
}
