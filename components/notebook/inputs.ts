/**
 * What happens on this page when an input is changed: the server sets it, and what depends on it is stale, or runs with
 * auto-run. Changes that come while the dependents run make them run once more, not once for each.
 */
import { useCallbackRef } from '@mantine/hooks'
import { useRef } from 'react'
import type { Json } from '../../runtime/json.ts'
import { type InputChanges, useChanges } from '../input/context.ts'
import { client } from '../ui/api.ts'
import type { KernelControl } from './kernel.ts'
import type { Runner } from './runner.ts'

export function useInputs(kernel: KernelControl, runner: Runner): InputChanges {
  const waiting = useRef(new Set<string>())
  const running = useRef(false)
  async function work(): Promise<void> {
    if (running.current) return
    running.current = true
    try {
      while (waiting.current.size > 0) {
        const ids = [...waiting.current]
        waiting.current.clear()
        await runner.run(ids)
      }
    } finally {
      running.current = false
    }
  }
  return useChanges(
    useCallbackRef(async (input: string, value: Json) => {
      const { id } = await kernel.open()
      const { dependents } = await client.call('setInput', { params: { id }, body: { id: input, value } })
      if (!runner.auto || dependents.length === 0) return
      for (const cell of dependents) waiting.current.add(cell)
      void work()
    }),
  )
}
