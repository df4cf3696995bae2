/**
 * How the inputs of a page tell their changes. Of one input a single change is on its way; what comes meanwhile waits,
 * and of that only the last is sent, so that a slider which is dragged never runs behind the hand.
 */
import { createContext, useState } from 'react'
import type { Json } from '../../runtime/json.ts'

export interface InputChanges {
  /** Resolves when the server has this value or a later one; rejects when it was refused. */
  set: (id: string, value: Json) => Promise<void>
}
/** null: what is shown cannot be changed, such as in a run that has ended. */
export const InputContext = createContext<InputChanges | null>(null)

export function createChanges(send: (id: string, value: Json) => Promise<void>): InputChanges {
  const busy = new Map<string, { next: { value: Json } | undefined; done: Promise<void> }>()
  async function work(id: string, first: Json, own: { next: { value: Json } | undefined }): Promise<void> {
    try {
      await send(id, first)
      for (let next = own.next; next; next = own.next) {
        own.next = undefined
        await send(id, next.value)
      }
    } finally {
      busy.delete(id)
    }
  }
  return {
    set(id, value) {
      const running = busy.get(id)
      if (running) {
        running.next = { value }
        return running.done
      }
      const own = { next: undefined, done: Promise.resolve() }
      busy.set(id, own)
      own.done = work(id, value, own)
      return own.done
    },
  }
}

/** `send` must be stable. */
export function useChanges(send: (id: string, value: Json) => Promise<void>): InputChanges {
  return useState(() => createChanges(send))[0]
}
