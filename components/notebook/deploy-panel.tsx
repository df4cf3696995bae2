'use client'
import { Button, Select, TextInput } from '@mantine/core'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { client, showError, useAct } from '../ui/api.ts'
import type { PanelProps } from './panel.ts'

/** Pins what the notebook is now as a version, and holds it against its streams. */
export function DeployPanel({ notebook, draft, values }: PanelProps) {
  const router = useRouter()
  const [name, setName] = useState(notebook.name)
  const [from, setFrom] = useState<'now' | 'first' | 'time'>('now')
  const [time, setTime] = useState('')
  const [busy, setBusy] = useState(false)
  const deploy = useAct('createDeployment', {
    said: 'The notebook is deployed',
    done: (made) => router.push(`/deployments/${made.id}`),
  })
  async function start() {
    setBusy(true)
    try {
      if (!(await draft.flush())) return
      const saved = await client.call('createNotebookVersion', {
        params: { id: notebook.id },
        body: { message: `Deployed as ${name}` },
      })
      deploy.mutate({
        body: {
          notebook: notebook.id,
          version: saved.version,
          name,
          parameters: values,
          from: from === 'time' ? { eventTime: time } : from,
        },
      })
    } catch (error) {
      showError(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        void start()
      }}
    >
      <p className="dim">
        The cells as they are now become a version; the deployment stays on it, whatever is edited here later.
      </p>
      <TextInput label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <Select
        label="Start from"
        allowDeselect={false}
        value={from}
        onChange={(value) => setFrom((value ?? 'now') as typeof from)}
        data={[
          { value: 'now', label: 'the next message' },
          { value: 'first', label: 'the first message in the log' },
          { value: 'time', label: 'an event time' },
        ]}
      />
      {from === 'time' && (
        <TextInput
          label="Event time, UTC"
          placeholder="2014-02-01T00:00:00Z"
          required
          value={time}
          onChange={(event) => setTime(event.currentTarget.value)}
        />
      )}
      <Button type="submit" loading={busy || deploy.isPending}>
        Deploy this notebook
      </Button>
    </form>
  )
}
