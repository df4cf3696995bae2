'use client'
import { ActionIcon, Alert, Button, Select, TextInput } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useState } from 'react'
import { useAct, useApi } from '../ui/api.ts'
import { ask } from '../ui/ask.tsx'
import { Ago, CodeBlock, Waiting } from '../ui/parts.tsx'
import '../ui/side.css'

const days = [
  { value: '1', label: 'for a day' },
  { value: '7', label: 'for a week' },
  { value: '30', label: 'for 30 days' },
  { value: '365', label: 'for a year' },
]

/** Links to the App view: made, listed, revoked. */
export function SharePanel({ notebook, onClose }: { notebook: string; onClose: () => void }) {
  const links = useApi('findShares', { params: { id: notebook }, query: { limit: 100 } })
  const [name, setName] = useState('')
  const [life, setLife] = useState('30')
  const [made, setMade] = useState<{ name: string; url: string } | null>(null)
  const create = useAct('createShare', {
    done: ({ share, path }) => {
      setMade({ name: share.name, url: `${location.origin}${path}` })
      setName('')
    },
  })
  const revoke = useAct('deleteShare', { said: 'The link is revoked' })
  const near = /^(localhost|127\.|\[::1\])/.test(location.hostname)
  return (
    <aside className="side" aria-label="Share">
      <div className="side-head">
        <h2>Share</h2>
        <ActionIcon aria-label="Close Share" onClick={onClose}>
          <IconX size={16} />
        </ActionIcon>
      </div>
      <div className="stack">
        <p className="dim">
          Whoever has a link sees this app as it is now, runs it and moves its inputs, without an account.
          They see no code and nothing else of the workspace, and what the notebook calls can only read.
        </p>
        {near && (
          <p className="dim">
            This server listens on this machine alone, so a link works only in its browsers.
          </p>
        )}
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault()
            create.mutate({
              params: { id: notebook },
              body: { name: name.trim() || 'Link', days: Number(life) },
            })
          }}
        >
          <TextInput
            label="For whom"
            placeholder="such as: operations"
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Select
            label="How long"
            data={days}
            value={life}
            allowDeselect={false}
            onChange={(value) => setLife(value ?? '30')}
          />
          <Button type="submit" loading={create.isPending}>
            Make a link
          </Button>
        </form>
        {made && (
          <Alert
            color="green"
            title={`The link “${made.name}”, shown once`}
            withCloseButton
            closeButtonLabel="I have copied it"
            onClose={() => setMade(null)}
          >
            <CodeBlock text={made.url} label="Copy the link" />
          </Alert>
        )}
        {!links.data ? (
          <Waiting query={links} lines={2} />
        ) : (
          <ul className="versions" aria-label="Links">
            {links.data.items.map((link) => (
              <li key={link.id}>
                <span>
                  <b>{link.name}</b>{' '}
                  <span className="dim">
                    v{link.version} · until {new Date(link.expiresAt).toLocaleDateString('en-GB')} ·{' '}
                    {link.sessions > 0 ? (
                      `${link.sessions} open`
                    ) : link.lastUsedAt === null ? (
                      'never used'
                    ) : (
                      <Ago at={link.lastUsedAt} />
                    )}
                  </span>
                </span>
                <Button
                  size="compact-xs"
                  variant="default"
                  aria-label={`Revoke ${link.name}`}
                  onClick={() =>
                    ask({
                      title: `Revoke “${link.name}”?`,
                      text: 'Whoever looks at it now is sent away, and the link opens nothing any more.',
                      action: 'Revoke the link',
                      onYes: () => revoke.mutate({ params: { id: link.id } }),
                    })
                  }
                >
                  Revoke
                </Button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </aside>
  )
}
