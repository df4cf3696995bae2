/**
 * Server-sent events for the pages, read with fetch: any event name, resumed by Last-Event-ID, retried with a growing
 * pause, and closed while the tab is hidden (a browser has six connections per server for all its tabs).
 */
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useEffectEvent } from 'react'
import { send } from './api.ts'

export interface LiveEvent {
  id: string | null
  event: string
  data: unknown
}

export async function follow(
  url: string,
  from: string | null,
  signal: AbortSignal,
  listener: (event: LiveEvent) => void,
  by: typeof fetch = send,
): Promise<string | null> {
  const headers: Record<string, string> = { accept: 'text/event-stream' }
  if (from !== null) headers['last-event-id'] = from
  const response = await by(url, { headers, signal })
  if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`)
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let last = from
  let buffer = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return last
    buffer += value
    for (let end = buffer.indexOf('\n\n'); end >= 0; end = buffer.indexOf('\n\n')) {
      const event = parse(buffer.slice(0, end))
      buffer = buffer.slice(end + 2)
      if (!event) continue
      if (event.id !== null) last = event.id
      listener(event)
    }
  }
}

function parse(block: string): LiveEvent | undefined {
  let id: string | null = null
  let event = 'message'
  const data: string[] = []
  for (const line of block.split('\n')) {
    if (line.startsWith('id:')) id = line.slice(3).trim()
    else if (line.startsWith('event:')) event = line.slice(6).trim()
    else if (line.startsWith('data:')) data.push(line.slice(5).trimStart())
  }
  if (data.length === 0) return undefined
  try {
    return { id, event, data: JSON.parse(data.join('\n')) }
  } catch {
    return undefined
  }
}

/** Follows `url` while the page is seen; null: nothing to follow. */
export function useLive(url: string | null, listener: (event: LiveEvent) => void, from?: string): void {
  const heard = useEffectEvent(listener)
  const begin = useEffectEvent(() => from ?? null)
  useEffect(() => {
    if (url === null) return
    let stop: AbortController | undefined
    let last: string | null = begin()
    let timer: ReturnType<typeof setTimeout> | undefined
    let pause = 500
    async function run(signal: AbortSignal) {
      try {
        last = await follow(url!, last, signal, (event) => {
          if (event.id !== null) last = event.id
          pause = 500
          heard(event)
        })
      } catch {
        if (signal.aborted) return
      }
      if (signal.aborted) return
      timer = setTimeout(() => void run(signal), pause)
      pause = Math.min(pause * 2, 15_000)
    }
    function see() {
      if (document.visibilityState === 'hidden') {
        stop?.abort()
        stop = undefined
        clearTimeout(timer)
      } else if (!stop) {
        stop = new AbortController()
        void run(stop.signal)
      }
    }
    see()
    document.addEventListener('visibilitychange', see)
    return () => {
      document.removeEventListener('visibilitychange', see)
      clearTimeout(timer)
      stop?.abort()
    }
  }, [url])
}

const alsoOf: Record<string, string[]> = { projects: ['notebooks'], tokens: ['access'], settings: ['access'] }

/** What flows all the time renews lists and heads alone: a page that shows more of it follows it by itself. */
const flowing: Record<string, { types: unknown[]; queries: string[] }> = {
  streams: { types: ['messages', null], queries: ['streams/findStreams'] },
  deployments: {
    types: ['rows', 'output', null],
    queries: ['deployments/findDeployments', 'deployments/getDeployment'],
  },
}

/** Renews what the workspace's events are about, at most once a second. */
export function useWorkspaceEvents(enabled: boolean): void {
  const queries = useQueryClient()
  useEffect(() => {
    const dirty = new Set<string>()
    pending = dirty
    const timer = setInterval(() => {
      if (dirty.size === 0) return
      for (const tag of dirty) void queries.invalidateQueries({ queryKey: tag.split('/') })
      dirty.clear()
    }, 1000)
    return () => clearInterval(timer)
  }, [queries])
  useLive(enabled ? '/api/v1/events' : null, ({ event, data }) => {
    const { topic, data: about } = (data ?? {}) as { topic?: unknown; data?: { type?: unknown } | null }
    const tag = (typeof topic === 'string' ? topic : event).split('/')[0]!
    const flows = flowing[tag]
    const dirty = flows?.types.includes(about?.type ?? null) ? flows.queries : [tag, ...(alsoOf[tag] ?? [])]
    for (const one of dirty) pending.add(one)
    pending.add('overview')
  })
}
let pending = new Set<string>()
