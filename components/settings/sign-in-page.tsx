'use client'
import { Button, PasswordInput } from '@mantine/core'
import { useMounted } from '@mantine/hooks'
import { useSearchParams } from 'next/navigation'
import { Suspense, useRef, useState } from 'react'
import { send } from '../ui/api.ts'
import { Logo } from '../ui/logo.tsx'

export function SignInPage() {
  return (
    <Suspense>
      <SignIn />
    </Suspense>
  )
}
function SignIn() {
  const address = useSearchParams()
  // Read when it is sent: it may be typed, or filled in by the browser, before the page is alive.
  const field = useRef<HTMLInputElement>(null)
  const alive = useMounted()
  const [error, setError] = useState('')
  const [busy, setBusy] = useState(false)
  async function enter() {
    setBusy(true)
    setError('')
    try {
      const response = await send('/api/session', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token: field.current?.value.trim() ?? '' }),
      })
      if (response.ok) return location.assign(toPath(address.get('to')))
      const problem = (await response.json().catch(() => null)) as { detail?: string } | null
      setError(problem?.detail ?? `The server answered ${response.status}.`)
    } catch {
      setError('The server does not answer. Is it running?')
    } finally {
      setBusy(false)
    }
  }
  return (
    <form
      className="sign-in stack"
      onSubmit={(event) => {
        event.preventDefault()
        void enter()
      }}
    >
      <title>Sign in · Suricate</title>
      <h1>
        <Logo size={32} /> Suricate
      </h1>
      {address.has('expired') && (
        <p role="alert">
          This login address was used already or is older than ten minutes. Start Suricate again for a fresh
          one, or use a token.
        </p>
      )}
      <PasswordInput
        label="Token"
        description="The address that the terminal prints signs you in by itself; a token does the same."
        autoFocus
        required
        autoComplete="current-password"
        ref={field}
        error={error || undefined}
      />
      <Button type="submit" size="sm" loading={busy} disabled={!alive}>
        Sign in
      </Button>
    </form>
  )
}
/** Only to pages of our own. */
function toPath(to: string | null): string {
  return to !== null && /^\/(?![/\\])/.test(to) ? to : '/'
}
