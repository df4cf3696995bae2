'use client'
import { Button, Table } from '@mantine/core'
import Link from 'next/link'
import { useParams, useRouter } from 'next/navigation'
import type { ReactNode } from 'react'
import type { Action } from '../../runtime/api/actions.ts'
import { useAct, useApi } from '../ui/api.ts'
import { toEventTime, toFigure, toTime } from '../ui/format.ts'
import { CodeBlock, Facts, PageHead, Section, Waiting } from '../ui/parts.tsx'
import { StateMark } from '../ui/state-mark.tsx'
import { toWhat } from './action-table.tsx'

export function ActionPage() {
  const { id } = useParams<{ id: string }>()
  const query = useApi('getAction', { params: { id } })
  const retry = useAct('retryAction', { said: 'The action is sent again' })
  const router = useRouter()
  const open = useAct('openInstant', { done: (notebook) => router.push(`/notebooks/${notebook.id}`) })
  const action = query.data
  const crumbs = [
    { label: 'Actions', href: '/actions' },
    { label: action ? `${action.kind}: ${toWhat(action)}` : 'Action' },
  ]
  if (!action)
    return (
      <>
        <PageHead crumbs={crumbs} />
        <Waiting query={query} />
      </>
    )
  return (
    <>
      <PageHead crumbs={crumbs} note={<StateMark state={action.state} />}>
        {action.deployment && (
          <Button
            variant="default"
            loading={open.isPending}
            title="A notebook on what the handler was given when it fired: step through it, change it, try again"
            onClick={() => open.mutate({ params: { id } })}
          >
            Open as a notebook
          </Button>
        )}
        {action.state === 'failed' && (
          <Button loading={retry.isPending} onClick={() => retry.mutate({ params: { id } })}>
            Retry
          </Button>
        )}
      </PageHead>
      <div className="body">
        <Section title="Where it came from">
          <Facts items={toProvenance(action)} />
        </Section>
        <Section title="Attempts">
          {action.attempts.length === 0 ? (
            <p className="dim">
              {action.state === 'deduplicated'
                ? 'None: an action with its key was there already.'
                : 'None yet.'}
            </p>
          ) : (
            <div className="table-scroll">
              <Table aria-label="Attempts">
                <Table.Tbody>
                  {action.attempts.map((attempt, index) => (
                    <Table.Tr key={index}>
                      <Table.Td>{toTime(attempt.at)}</Table.Td>
                      <Table.Td>
                        <StateMark
                          state={attempt.ok ? 'fired' : 'failed'}
                          label={attempt.ok ? 'delivered' : 'failed'}
                        />
                      </Table.Td>
                      <Table.Td className="wrap">{attempt.detail}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </div>
          )}
        </Section>
        <Section title="Keys">
          <Facts
            items={[
              ['Deduplication key', action.key],
              ['Idempotency-Key', action.idempotencyKey],
            ]}
          />
        </Section>
        <Section title="Request">
          <CodeBlock label="Copy the request" text={JSON.stringify(action.request, null, 2)} />
        </Section>
      </div>
    </>
  )
}

/** From the action, one click to each thing that led to it. */
function toProvenance(action: Action): [string, ReactNode][] {
  const link = (href: string, text: string) => (
    <Link key={href} href={href}>
      {text}
    </Link>
  )
  const { stream, model, notebook, window } = action
  return [
    [
      'Messages',
      stream
        ? link(
            `/data/streams/${stream.id}`,
            `${stream.name}, ${toFigure(stream.from)} to ${toFigure(stream.to)}`,
          )
        : '–',
    ],
    ['Window', window ? `${toEventTime(window.start)} to ${toEventTime(window.end)}` : '–'],
    [
      'Model',
      model ? link(`/models/${encodeURIComponent(model.name)}`, `${model.name} v${model.version}`) : '–',
    ],
    ['Notebook', notebook ? link(`/notebooks/${notebook.id}`, `version ${notebook.version}`) : '–'],
    ['Deployment', action.deployment ? link(`/deployments/${action.deployment}`, 'open') : '–'],
    ['Run', action.run ? link(`/runs/${action.run}`, 'open') : '–'],
    ['Alert', action.alert ? link(`/alerts?id=${action.alert}`, 'open') : '–'],
    ['Asked for', toTime(action.createdAt)],
    ['Delivered', action.firedAt === null ? '–' : toTime(action.firedAt)],
  ]
}
