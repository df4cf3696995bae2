/**
 * One App view in this tab: opens a session (or comes back to the tab's own after a reload), follows its events, runs
 * it and changes its inputs. Everything goes by the session's secret alone, with or without an account.
 */
import { useCallbackRef } from '@mantine/hooks'
import { useEffect, useReducer, useRef, useState } from 'react'
import { appHeader, type App, type AppState, type OpenedApp } from '../../runtime/api/apps.ts'
import { ApiError, createClient, type Client } from '../../runtime/api/client.ts'
import type { Output } from '../../runtime/api/runs.ts'
import type { Json } from '../../runtime/json.ts'
import { type InputChanges, useChanges } from '../input/context.ts'
import { applySession, emptySession, isEnded, type Session } from '../notebook/session.ts'
import type { ParameterValues } from '../notebook/parameter-form.tsx'
import { showError, toText } from '../ui/api.ts'
import { follow, type LiveEvent } from '../ui/live.ts'

export interface AppControl {
  app: App | null
  session: Session
  progress: AppState
  /** Why there is no session (any more). */
  ended: string | null
  inputs: InputChanges
  run: (parameters: ParameterValues) => Promise<void>
  interrupt: () => Promise<void>
  reopen: () => void
}
const idle: AppState = { state: 'idle', done: 0, total: 0, error: null }

/** `key` names the session within the tab; `open` makes one. */
export function useApp(key: string, open: () => Promise<OpenedApp>): AppControl {
  const [session, tell] = useReducer(applySession, emptySession)
  const [app, setApp] = useState<App | null>(null)
  const [progress, setProgress] = useState(idle)
  const [ended, setEnded] = useState<string | null>(null)
  const [attempt, setAttempt] = useState(0)
  const current = useRef<{ id: string; client: Client } | null>(null)

  const hear = useCallbackRef(({ event, data }: LiveEvent) => {
    if (event === 'output') tell({ type: 'output', output: data as Output })
    else if (event === 'input') tell({ type: 'input', ...(data as { id: string; value: Json }) })
    else if (event === 'app') setProgress(data as AppState)
    else if (event === 'cell') {
      const { cell, execution, state } = data as { cell: string; execution: string; state: 'running' | 'ok' }
      if (state === 'running') tell({ type: 'started', cell, execution, at: Date.now() })
      else if (isEnded(state))
        tell({ type: 'ended', cell, execution, ok: state === 'ok', error: null, receipt: null })
    }
  })
  const openNow = useCallbackRef(open)

  useEffect(() => {
    const stop = new AbortController()
    async function live(): Promise<void> {
      const place = `suricate.app.${key}`
      const found = await enter(place, openNow)
      if (stop.signal.aborted) return
      current.current = { id: found.app.id, client: found.client }
      setApp(found.app)
      setProgress(found.app.progress)
      setEnded(null)
      tell({ type: 'loaded', items: found.app.outputs, lastSeq: found.app.lastSeq })
      await followOn(found, stop.signal, hear)
    }
    live().catch((error: unknown) => {
      if (stop.signal.aborted) return
      current.current = null
      setEnded(toText(error))
    })
    return () => stop.abort()
  }, [key, attempt, openNow, hear])

  const call = async (work: (given: { id: string; client: Client }) => Promise<unknown>, failed: string) => {
    try {
      if (current.current) await work(current.current)
    } catch (error) {
      showError(error, failed)
    }
  }
  const inputs = useChanges(
    useCallbackRef(async (input: string, value: Json) => {
      const given = current.current
      if (!given) throw new Error('The session of this app has ended. Open it again.')
      await given.client.call('setAppInput', { params: { id: given.id }, body: { id: input, value } })
    }),
  )
  return {
    app,
    session,
    progress,
    ended,
    inputs,
    run: (parameters) =>
      call(
        ({ id, client }) => client.call('runApp', { params: { id }, body: { parameters } }),
        'The app could not be run',
      ),
    interrupt: () =>
      call(
        ({ id, client }) => client.call('interruptApp', { params: { id } }),
        'The app could not be stopped',
      ),
    reopen: () => {
      tell({ type: 'cleared' })
      setEnded(null)
      setApp(null)
      setAttempt((n) => n + 1)
    },
  }
}

interface Entered {
  app: App
  client: Client
  send: typeof fetch
}
/** The tab's own session while it lives, else a new one. */
async function enter(place: string, open: () => Promise<OpenedApp>): Promise<Entered> {
  const kept = readKept(place)
  if (kept)
    try {
      return await look(kept)
    } catch (error) {
      if (!(error instanceof ApiError) || error.problem.status !== 404) throw error
    }
  const opened = await open()
  sessionStorage.setItem(place, JSON.stringify(opened))
  return look(opened)
}
async function look(opened: OpenedApp): Promise<Entered> {
  const send: typeof fetch = (input, init) => {
    const headers = new Headers(init?.headers)
    headers.set(appHeader, opened.secret)
    return fetch(input, { ...init, headers, credentials: 'omit' })
  }
  const client = createClient({ base: '', fetch: send })
  return { app: await client.call('getApp', { params: { id: opened.id } }), client, send }
}
function readKept(place: string): OpenedApp | undefined {
  try {
    const kept = JSON.parse(sessionStorage.getItem(place) ?? 'null') as OpenedApp | null
    return kept && kept.endsAt > Date.now() ? kept : undefined
  } catch {
    return undefined
  }
}

/** Until it ends: the connection may break and come back, the session may not. */
async function followOn(
  { app, client, send }: Entered,
  signal: AbortSignal,
  hear: (event: LiveEvent) => void,
): Promise<void> {
  const url = client.url('getAppEvents', { params: { id: app.id } })
  let last: string | null = String(app.lastSeq)
  let pause = 500
  while (!signal.aborted) {
    try {
      last = await follow(
        url,
        last,
        signal,
        (event) => {
          if (event.id !== null) last = event.id
          pause = 500
          hear(event)
        },
        send,
      )
    } catch {
      if (signal.aborted) return
    }
    // Says when the session is over.
    await client.call('getApp', { params: { id: app.id } }).catch((error: unknown) => {
      if (error instanceof ApiError && error.problem.status === 404) throw error
    })
    await new Promise((resolve) => setTimeout(resolve, pause))
    pause = Math.min(pause * 2, 15_000)
  }
}
