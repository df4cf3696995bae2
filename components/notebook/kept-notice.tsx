import { Alert, Button, Group } from '@mantine/core'
import { Ago } from '../ui/parts.tsx'
import type { Draft } from './draft.ts'

/** What an earlier visit could not save is offered, never taken unasked. */
export function KeptNotice({ draft }: { draft: Draft }) {
  if (!draft.kept) return null
  return (
    <Alert color="yellow" radius={0} title="Changes from here did not reach the server">
      <p>
        They are of <Ago at={draft.kept.at} /> and are kept in this browser alone.
      </p>
      <Group gap={8} mt={8}>
        <Button variant="default" onClick={() => draft.takeKept(true)}>
          Bring them back
        </Button>
        <Button variant="default" onClick={() => draft.takeKept(false)}>
          Drop them
        </Button>
      </Group>
    </Alert>
  )
}
