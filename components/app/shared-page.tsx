'use client'
/**
 * An App view by its link, without an account and without the frame of the workspace. The link's secret stands after
 * the `#`, which browsers send to no server; it is given once, for the session's own.
 */
import { useMounted } from '@mantine/hooks'
import { useParams } from 'next/navigation'
import { useEffect } from 'react'
import { createClient } from '../../runtime/api/client.ts'
import { Logo } from '../ui/logo.tsx'
import { AppOrState } from './app-state.tsx'
import { useApp } from './use-app.ts'
import './app.css'

const outside = createClient({
  base: '',
  fetch: (input, init) => fetch(input, { ...init, credentials: 'omit' }),
})

export function SharedPage() {
  const { id } = useParams<{ id: string }>()
  // The part after the `#` is known in the browser alone.
  return useMounted() ? <Shared id={id} secret={location.hash.slice(1)} /> : null
}
function Shared({ id, secret }: { id: string; secret: string }) {
  const control = useApp(`link.${id}`, () => {
    if (secret === '')
      throw new Error('This link is incomplete: the part after # is missing. Ask for it again.')
    return outside.call('openSharedApp', { params: { id }, body: { secret } })
  })
  const name = control.app?.name
  useEffect(() => {
    document.title = name === undefined ? 'Suricate' : `${name} · Suricate`
  }, [name])
  return (
    <div className="shared">
      <header className="shared-head">
        <Logo size={20} />
        <h1>{name ?? 'An app'}</h1>
        {control.app && <span className="dim">version {control.app.version}</span>}
      </header>
      <main id="page">
        <AppOrState control={control} />
      </main>
    </div>
  )
}
