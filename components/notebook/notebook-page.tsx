'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useParams, useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'
import type { Notebook } from '../../runtime/api/notebooks.ts'
import { keyOf, useAct, useApi } from '../ui/api.ts'
import { PageHead, Waiting } from '../ui/parts.tsx'
import { beginKernel } from './kernel.ts'
import { NotebookView } from './notebook-view.tsx'

export function NotebookPage() {
  const { id } = useParams<{ id: string }>()
  const router = useRouter()
  /** It is being deleted: nothing asks for it any more. */
  const [leaving, setLeaving] = useState<string | null>(null)
  const queries = useQueryClient()
  useEffect(() => {
    const known = queries.getQueryData(keyOf('getNotebook', { params: { id } }))
    return known === undefined ? beginKernel(id) : undefined
  }, [id, queries])
  const query = useApi('getNotebook', { params: { id } }, { enabled: leaving !== id })
  const notebook = query.data as Notebook | undefined
  const remove = useAct('deleteNotebook', {
    said: 'The notebook is in the trash',
    done: () => router.push(`/projects/${notebook?.project ?? ''}`),
    failed: () => {
      setLeaving(null)
      return false
    },
  })
  const onDelete = () => {
    setLeaving(id)
    remove.mutate({ params: { id } })
  }
  if (!notebook || leaving === id)
    return (
      <>
        <PageHead crumbs={[{ label: 'Projects', href: '/projects' }, { label: 'Notebook' }]} />
        <Waiting query={query} />
      </>
    )
  return <NotebookView key={id} notebook={notebook} onDelete={onDelete} />
}
