/**
 * One connection for all that lives on a stream's page. Messages are told by their numbers alone; what shows them reads
 * again, at most once a second, and what is dear less often. Hidden, nothing is heard and nothing is read.
 */
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import type { OperationId } from '../../runtime/api/operations.ts'
import { client, keyOf } from '../ui/api.ts'
import { useLive } from '../ui/live.ts'

const soon: OperationId[] = ['getStream', 'findMessages', 'getStreamRates']
const later: OperationId[] = ['getStreamTime', 'getStreamSchema', 'findStreamRollups', 'findDeadLetters']
const soonMs = 1000
const laterMs = 5000

export function useStreamEvents(id: string): void {
  const queries = useQueryClient()
  const due = useRef(new Map<OperationId, number>())
  useEffect(() => {
    const waiting = due.current
    const timer = setInterval(() => {
      if (document.visibilityState === 'hidden') return
      const now = performance.now()
      for (const [operation, at] of waiting)
        if (at <= now) {
          waiting.delete(operation)
          void queries.invalidateQueries({ queryKey: keyOf(operation) })
        }
    }, 250)
    return () => clearInterval(timer)
  }, [queries])
  const mark = (operations: OperationId[], ms: number): void => {
    for (const one of operations) if (!due.current.has(one)) due.current.set(one, performance.now() + ms)
  }
  useLive(client.url('getStreamEvents', { params: { id } }), ({ event }) => {
    if (event === 'messages') {
      mark(soon, soonMs)
      mark(later, laterMs)
    } else if (event === 'drift') mark(['getStreamSchema'], 0)
    else mark(['getStream'], 0)
  })
}
