'use client'
import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Cell } from '../../runtime/api/notebooks.ts'
import { useAct, useApi } from '../ui/api.ts'
import { ask } from '../ui/ask.tsx'
import { Ago, Waiting } from '../ui/parts.tsx'
import type { PanelProps } from './panel.ts'
import { VersionDiff } from './version-diff.tsx'

export function HistoryPanel({ notebook, draft }: PanelProps) {
  const [message, setMessage] = useState('')
  const [compared, setCompared] = useState<{ version: number; cells: Cell[] } | null>(null)
  const query = useApi('findNotebookVersions', { params: { id: notebook.id }, query: { limit: 100 } })
  const save = useAct('createNotebookVersion', { said: 'The version is saved', done: () => setMessage('') })
  const restore = useAct('restoreNotebookVersion', {
    said: 'The cells are those of the version; what was here is the version before',
    done: (stored) => draft.adopt(stored),
  })
  const goBack = (version: number) =>
    void draft.flush().then((done) => {
      if (done) restore.mutate({ params: { id: notebook.id, version }, revision: draft.revisionNow() })
    })
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
        <ul className="versions" aria-label="Versions">
          {query.data.items.map((version) => (
            <li key={version.version}>
              <b>v{version.version}</b> <span>{version.message}</span>
              <span className="dim">
                <Ago at={version.createdAt} />, {version.cells.length} cells
              </span>
              <span>
                <Button
                  variant="subtle"
                  aria-label={`Compare v${version.version} with now`}
                  onClick={() => setCompared(version)}
                >
                  Compare
                </Button>
                <Button
                  variant="subtle"
                  aria-label={`Go back to v${version.version}`}
                  loading={restore.isPending && restore.variables.params.version === version.version}
                  onClick={() =>
                    ask({
                      title: `Go back to v${version.version}?`,
                      text: 'The cells become those of this version. What is here now is saved as a version first, so that you can go back to it too.',
                      action: 'Replace the cells',
                      onYes: () => goBack(version.version),
                    })
                  }
                >
                  Go back
                </Button>
              </span>
            </li>
          ))}
        </ul>
      )}
      <VersionDiff
        title={`v${compared?.version ?? ''} and now`}
        before={compared?.cells ?? null}
        after={draft.cells}
        titles={[`v${compared?.version ?? ''}`, 'Now']}
        onClose={() => setCompared(null)}
      />
    </div>
  )
}
