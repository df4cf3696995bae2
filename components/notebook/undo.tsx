import { Button, Group } from '@mantine/core'
import { notifications } from '@mantine/notifications'

/** Says that cells are gone, with the way back. */
export function showUndo(count: number, onBack: () => void): void {
  const id = notifications.show({
    autoClose: 8000,
    message: (
      <Group justify="space-between" gap={8}>
        <span>{count === 1 ? 'The cell is deleted.' : `${count} cells are deleted.`}</span>
        <Button
          variant="light"
          onClick={() => {
            onBack()
            notifications.hide(id)
          }}
        >
          Bring back
        </Button>
      </Group>
    ),
  })
}
