'use client'
import { Button } from '@mantine/core'
import { useAct, useApi } from '../ui/api.ts'
import { ask } from '../ui/ask.tsx'
import { Ago, Section } from '../ui/parts.tsx'
import '../ui/side.css'

/** The notebooks of a project that were deleted, until they go for good. */
export function Trash({ project }: { project: string }) {
  const query = useApi('findNotebooks', { query: { project, trash: 'true', limit: 100 } })
  const restore = useAct('restoreNotebook', { said: 'The notebook is back; its triggers are off' })
  const purge = useAct('deleteNotebook', { said: 'The notebook is gone' })
  const items = query.data?.items ?? []
  if (items.length === 0) return null
  return (
    <Section title="Trash" aside="Deleted notebooks go for good after 30 days">
      <ul className="versions" aria-label="Deleted notebooks">
        {items.map((notebook) => (
          <li key={notebook.id}>
            <span>{notebook.name}</span>
            <span className="dim">
              deleted <Ago at={notebook.deletedAt} />
            </span>
            <span>
              <Button
                variant="subtle"
                aria-label={`Restore ${notebook.name}`}
                onClick={() => restore.mutate({ params: { id: notebook.id } })}
              >
                Restore
              </Button>
              <Button
                variant="subtle"
                color="red"
                aria-label={`Delete for good: ${notebook.name}`}
                onClick={() =>
                  ask({
                    title: `Delete ${notebook.name} for good?`,
                    text: 'Its cells, versions and outputs go with it. This cannot be undone.',
                    action: 'Delete for good',
                    onYes: () => purge.mutate({ params: { id: notebook.id }, query: { purge: 'true' } }),
                  })
                }
              >
                Delete for good
              </Button>
            </span>
          </li>
        ))}
      </ul>
    </Section>
  )
}
