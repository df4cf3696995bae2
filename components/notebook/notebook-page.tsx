'use client'
import { useParams } from 'next/navigation'
import type { Notebook } from '../../runtime/api/notebooks.ts'
import { useApi } from '../ui/api.ts'
import { PageHead, Waiting } from '../ui/parts.tsx'
import { NotebookView } from './notebook-view.tsx'

export function NotebookPage() {
  const { id } = useParams<{ id: string }>()
  const query = useApi('getNotebook', { params: { id } })
  const notebook = query.data as Notebook | undefined
  if (!notebook)
    return (
      <>
        <PageHead crumbs={[{ label: 'Projects', href: '/projects' }, { label: 'Notebook' }]} />
        <Waiting query={query} />
      </>
    )
  return <NotebookView key={id} notebook={notebook} />
}
