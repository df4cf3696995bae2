/**
 * Follows one collector, or one of its scripts, in its stream: what is there is read once, then each event of the
 * stream says how far to read. Nothing is asked while the page is hidden; what came meanwhile is read after that.
 */
import { useEffect, useRef, useState } from 'react'
import { probeMessage, type ProbeMessage } from '../../runtime/api/probe-message.ts'
import type { Message } from '../../runtime/api/streams.ts'
import { client } from '../ui/api.ts'
import { useLive } from '../ui/live.ts'
import { addMessage, newResult, type Result } from './result.ts'

export interface Followed {
  stream: string
  collector: string
  /** null: its counters. */
  job: string | null
}
/** Of what is followed now; another key's is not shown. */
interface Held {
  key: string
  result: Result
  error: unknown
}
const nothing: Held = { key: '', result: newResult(), error: null }
const batch = 1000

export function useProbe(followed: Followed | null, live: boolean): { result: Result; error: unknown } {
  const [held, setHeld] = useState<Held>(nothing)
  const next = useRef<number | null>(null)
  const reading = useRef<Promise<void>>(Promise.resolve())
  const key = followed ? JSON.stringify(followed) : ''

  const read = useRef<(signal?: AbortSignal) => void>(() => undefined)
  useEffect(() => {
    const stop = new AbortController()
    next.current = null
    if (key === '') return
    const { stream, collector, job } = JSON.parse(key) as Followed
    const isOurs = (message: ProbeMessage) => message.collector === collector && message.job === job
    const step = async (): Promise<void> => {
      for (;;) {
        const from = next.current === null ? {} : { fromSeq: next.current }
        const query = { limit: batch, ...from }
        const { items } = await client.call('findMessages', {
          params: { id: stream },
          query,
          signal: stop.signal,
        })
        if (stop.signal.aborted) return
        const sorted = items.toSorted((a, b) => a.seq - b.seq)
        const fresh = sorted.filter(({ seq }) => seq >= (next.current ?? 0))
        next.current = (fresh.at(-1)?.seq ?? (next.current ?? 1) - 1) + 1
        const ours = fresh.flatMap(toProbeMessage).filter(isOurs)
        setHeld((before) => {
          const { result } = before.key === key ? before : nothing
          if (ours.length === 0 && before.key === key && before.error === null) return before
          return { key, result: ours.reduce(addMessage, result), error: null }
        })
        if (query.fromSeq === undefined || items.length < batch) return
      }
    }
    let asked = false
    read.current = () => {
      // One more after the one that runs is enough: it reads all there is.
      if (asked || stop.signal.aborted) return
      asked = true
      reading.current = reading.current
        .then(() => {
          asked = false
          return stop.signal.aborted ? undefined : step()
        })
        .catch((reason: unknown) => {
          if (stop.signal.aborted) return
          setHeld((before) => ({ ...(before.key === key ? before : nothing), key, error: reason }))
        })
    }
    read.current()
    return () => stop.abort()
  }, [key])
  const url = followed && live ? client.url('getStreamEvents', { params: { id: followed.stream } }) : null
  // The first event of a connection is the stream's state: so what came before it is read as well.
  useLive(url, () => read.current())
  return held.key === key ? held : nothing
}

function toProbeMessage({ body }: Message): ProbeMessage[] {
  const parsed = probeMessage.safeParse(body)
  return parsed.success ? [parsed.data] : []
}
