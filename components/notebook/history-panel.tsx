'use client'
import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useAct, useApi } from '../ui/api.ts'
import { ask } from '../ui/ask.tsx'
import { Ago, Waiting } from '../ui/parts.tsx'
import type { PanelProps } from './panel.ts'

export function HistoryPanel({ notebook, draft }: PanelProps) {
  const [message, setMessage] = useState('')
  const query = useApi('findNotebookVersions', { params: { id: notebook.id }, query: { limit: 100 } })
  const save = useAct('createNotebookVersion', { said: 'The version is saved', done: () => setMessage('') })
  return (
    <div className="stack">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void draft
            .flush()
            .then((done) => done && save.mutate({ params: { id: notebook.id }, body: { message } }))
        }}
      >
        <TextInput
          label="What changed"
          placeholder="optional"
          data-autofocus
          value={message}
          onChange={(event) => setMessage(event.currentTarget.value)}
        />
        <Button type="submit" loading={save.isPending}>
          Save a version
        </Button>
      </form>
      {!query.data ? (
        <Waiting query={query} lines={3} />
      ) : query.data.items.length === 0 ? (
        <p className="dim">
          No version yet. A version never changes; runs and deployments are pinned to one.
        </p>
      ) : (
        <ul className="versions">
          {query.data.items.map((version) => (
            <li key={version.version}>
              <b>v{version.version}</b> <span>{version.message}</span>
              <span className="dim">
                <Ago at={version.createdAt} />, {version.cells.length} cells
              </span>
              <Button
                variant="subtle"
                onClick={() =>
                  ask({
                    title: `Go back to v${version.version}?`,
                    text: 'The cells become those of this version. Save a version first to keep what is here now.',
                    action: 'Replace the cells',
                    onYes: () => draft.replace(version.cells),
                  })
                }
              >
                Go back
              </Button>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
