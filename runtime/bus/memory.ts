/** The bus within one process. */
import type { Bus, Event } from './port.ts'

export function openMemoryBus(): Bus {
  const listeners = new Map<string, Set<{ topic: string; listener: (event: Event) => void }>>()
  const matches = (topic: string, wanted: string): boolean =>
    wanted === topic || wanted === '' || (wanted.endsWith('/') && topic.startsWith(wanted))
  return {
    publish(workspace, event) {
      for (const entry of listeners.get(workspace) ?? [])
        if (matches(event.topic, entry.topic)) queueMicrotask(() => entry.listener(event))
    },
    subscribe(workspace, topic, listener) {
      const entry = { topic, listener }
      const set = listeners.get(workspace) ?? new Set()
      listeners.set(workspace, set.add(entry))
      return () => {
        set.delete(entry)
      }
    },
    close() {
      listeners.clear()
      return Promise.resolve()
    },
  }
}
