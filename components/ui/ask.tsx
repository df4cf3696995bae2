'use client'
/** A question before something that cannot be undone. One dialog for all pages; it is opened from anywhere. */
import { Button, Group, Modal, Text } from '@mantine/core'
import { useSyncExternalStore } from 'react'

interface Question {
  title: string
  text: string
  action: string
  onYes: () => void
}
let open: Question | null = null
const listeners = new Set<() => void>()
function set(next: Question | null): void {
  open = next
  for (const listener of listeners) listener()
}
export const ask = (question: Question): void => set(question)

export function AskDialog() {
  const question = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => open,
    () => null,
  )
  return (
    <Modal opened={question !== null} onClose={() => set(null)} title={question?.title} centered>
      <Text mb={16}>{question?.text}</Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={() => set(null)}>
          Keep it
        </Button>
        <Button
          color="red"
          data-autofocus
          onClick={() => {
            question?.onYes()
            set(null)
          }}
        >
          {question?.action}
        </Button>
      </Group>
    </Modal>
  )
}
