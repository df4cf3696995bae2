'use client'
/** Why the variables are gone, after a crash, a restart or a shutdown, with the way on: the cells that had run. */
import { Alert, Button, Group } from '@mantine/core'
import { useState } from 'react'
import { toCount } from '../ui/format.ts'
import type { KernelControl } from './kernel.ts'
import './kernel-panels.css'

export function KernelNotice(props: {
  kernel: KernelControl
  cells: readonly { id: string }[]
  onRun: (ids: string[]) => void
}) {
  const [dismissed, setDismissed] = useState<string | null>(null)
  const now = props.kernel.session.kernel
  const lost = now?.lost
  if (!now || !lost) return null
  const ids = props.cells.map(({ id }) => id).filter((id) => lost.cells.includes(id))
  const key = `${now.id} ${now.startedAt} ${lost.reason}`
  const busy = now.state === 'busy' || now.state === 'starting'
  if (ids.length === 0 || dismissed === key || busy) return null
  return (
    <Alert
      className="kernel-notice"
      color="yellow"
      role="status"
      title="The kernel’s variables are gone"
      styles={{ title: { color: 'var(--mantine-color-text)' } }}
    >
      {lost.reason} {toCount(ids.length, 'cell')} had run in it and {ids.length === 1 ? 'is' : 'are'} to be
      run again.
      <Group gap={8} mt={8}>
        <Button onClick={() => props.onRun(ids)}>Run {ids.length === 1 ? 'it' : 'them'} again</Button>
        <Button variant="subtle" color="gray" onClick={() => setDismissed(key)}>
          Not now
        </Button>
      </Group>
    </Alert>
  )
}
