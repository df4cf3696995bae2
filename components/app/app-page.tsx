'use client'
/** The App view of a notebook for its members, with the links that show it to others. */
import { Button } from '@mantine/core'
import { IconShare2 } from '@tabler/icons-react'
import { useParams, useSearchParams } from 'next/navigation'
import { Suspense, useState } from 'react'
import { client, useApi } from '../ui/api.ts'
import { Failure, PageHead } from '../ui/parts.tsx'
import { AppOrState } from './app-state.tsx'
import { SharePanel } from './share-panel.tsx'
import { useApp } from './use-app.ts'

export function AppPage() {
  return (
    <Suspense>
      <MemberApp />
    </Suspense>
  )
}
function MemberApp() {
  const { id } = useParams<{ id: string }>()
  const given = Number(useSearchParams().get('version'))
  const version = Number.isInteger(given) && given > 0 ? given : undefined
  const notebook = useApi('getNotebook', { params: { id } })
  const [sharing, setSharing] = useState(false)
  const revision = notebook.data?.revision
  const name = notebook.data?.name ?? 'Notebook'
  return (
    <>
      <PageHead crumbs={[{ label: name, href: `/notebooks/${id}` }, { label: 'App' }]}>
        <Button
          variant={sharing ? 'light' : 'default'}
          leftSection={<IconShare2 size={14} />}
          aria-pressed={sharing}
          onClick={() => setSharing(!sharing)}
        >
          Share
        </Button>
      </PageHead>
      {notebook.isError && <Failure error={notebook.error} />}
      <div className="app-columns">
        {revision !== undefined && (
          <Session key={`${id}-${version ?? revision}`} id={id} version={version} revision={revision} />
        )}
        {sharing && <SharePanel notebook={id} onClose={() => setSharing(false)} />}
      </div>
    </>
  )
}
/** A session is of the notebook as it was: an edited one opens another. */
function Session({ id, version, revision }: { id: string; version: number | undefined; revision: number }) {
  const control = useApp(`${id}.${version ?? `r${revision}`}`, () =>
    client.call('openApp', { params: { id }, body: version === undefined ? {} : { version } }),
  )
  return <AppOrState control={control} />
}
