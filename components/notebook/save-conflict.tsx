import { Alert, Button, Group } from '@mantine/core'
import { showError } from '../ui/api.ts'
import type { Draft } from './draft.ts'

/** Somebody else saved meanwhile: nothing is lost, the person chooses. */
export function SaveConflict({ draft }: { draft: Draft }) {
  const choose = (choice: () => Promise<void>) => () => void choice().catch(showError)
  return (
    <Alert color="yellow" title="This notebook was changed elsewhere" radius={0}>
      <p>
        Your changes are only here, and are not saved until you choose. Theirs are stored; a saved version of
        them can be made from another tab first.
      </p>
      <Group mt={8} gap={8}>
        <Button variant="default" onClick={choose(() => draft.keepMine())}>
          Keep mine, over theirs
        </Button>
        <Button variant="default" onClick={choose(() => draft.takeTheirs())}>
          Take theirs, drop mine
        </Button>
      </Group>
    </Alert>
  )
}
