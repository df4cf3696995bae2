'use client'
import { Select } from '@mantine/core'
import Link from 'next/link'
import { useRouter, useSearchParams } from 'next/navigation'
import { Suspense } from 'react'
import { actionState } from '../../runtime/api/actions.ts'
import { useApi } from '../ui/api.ts'
import { Empty, PageHead, Waiting } from '../ui/parts.tsx'
import { ActionTable } from './action-table.tsx'

export function ActionsPage() {
  return (
    <Suspense>
      <Actions />
    </Suspense>
  )
}
function Actions() {
  const router = useRouter()
  const address = useSearchParams()
  const state = actionState.safeParse(address.get('state')).data
  const deployment = address.get('deployment') ?? undefined
  const query = useApi(
    'findActions',
    { query: { limit: 200, ...(state ? { state } : {}), ...(deployment ? { deployment } : {}) } },
    { refetchInterval: 5000 },
  )
  const choose = (value: string | null) => {
    const next = new URLSearchParams(address)
    if (value) next.set('state', value)
    else next.delete('state')
    router.replace(`/actions?${next}`)
  }
  return (
    <>
      <PageHead crumbs={[{ label: 'Actions' }]} note="the ledger, newest first" />
      <div className="body">
        <Select
          aria-label="State"
          placeholder="Any state"
          clearable
          maw={200}
          data={actionState.options}
          value={state ?? null}
          onChange={choose}
        />
        {!query.data ? (
          <Waiting query={query} />
        ) : query.data.items.length === 0 ? (
          <Empty title="No actions" action={<Link href="/deployments">See deployments</Link>}>
            A deployed notebook acts with <code>act.webhook</code> and <code>act.alert</code>; each action is
            kept here with the messages, the model and the notebook version that it came from.
          </Empty>
        ) : (
          <ActionTable actions={query.data.items} />
        )}
      </div>
    </>
  )
}
