/** Gives the editors of a notebook's page its whole program: completion, faults and the rest across cells. */
import { useCallbackRef } from '@mantine/hooks'
import { useEffect, useRef } from 'react'
import type { Cell } from '../../runtime/api/notebooks.ts'
import { send } from '../ui/api.ts'
import { whenMonaco } from './load.ts'
import { openSession, type Session } from './session.ts'

export interface LanguageOptions {
  notebook: string
  /** Changes when the server has other cells: what the workspace's names mean may differ then. */
  revision: number
  cells: readonly Cell[]
  /** The cells at this instant. */
  now: () => readonly Cell[]
  onChange: (id: string, source: string) => void
  onGo: (id: string, place: { start: number; end: number }) => void
}

export function useLanguage({ notebook, revision, cells, now, onChange, onGo }: LanguageOptions): void {
  const session = useRef<Session | null>(null)
  const calls = { cells: useCallbackRef(now), change: useCallbackRef(onChange), go: useCallbackRef(onGo) }
  const given = useRef(calls)
  const etag = useRef('')
  useEffect(() => {
    let gone = false
    void whenMonaco().then((loaded) => {
      if (gone) return
      session.current = openSession(loaded, given.current)
      session.current.sync()
    })
    return () => {
      gone = true
      session.current?.close()
      session.current = null
    }
  }, [notebook])
  useEffect(() => session.current?.sync(), [cells])
  useEffect(() => {
    const controller = new AbortController()
    const read = async (): Promise<void> => {
      const { language } = await whenMonaco()
      if (controller.signal.aborted) return
      const headers = new Headers(etag.current ? { 'if-none-match': etag.current } : undefined)
      const path = `/api/v1/notebooks/${encodeURIComponent(notebook)}/declarations`
      const response = await send(path, { headers, signal: controller.signal })
      if (response.status !== 200) return
      const text = await response.text()
      etag.current = response.headers.get('etag') ?? ''
      language.setDeclarations('workspace', text)
      session.current?.check()
    }
    // Without them the workspace's names stay untyped; the next change asks again.
    void read().catch(() => undefined)
    return () => controller.abort()
  }, [notebook, revision])
}
