'use client'
/**
 * Who else has the notebook open, and on which cell. The page says every 20 seconds that it is there, and when it moves;
 * the workspace's events tell that the others have changed.
 */
import { Tooltip } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useState } from 'react'
import type { Person } from '../../runtime/api/presence.ts'
import { client, keyOf, send, useApi } from '../ui/api.ts'
import './kernel-panels.css'

const everyMs = 20_000
const settleMs = 300
const hues = ['#2c4ea9', '#8a4b08', '#1c6e4a', '#8b2252', '#5b3fa0', '#0b6a78', '#7a3e2d', '#4c5a14']

export interface PresenceProps {
  notebook: string
  /** Where this page is. */
  cell: string | null
  /** Cells in order, for their numbers. */
  cells: readonly { id: string }[]
  onGo: (id: string) => void
}

export function Presence({ notebook, cell, cells, onGo }: PresenceProps) {
  const [tab] = useState(newTab)
  usePresence(notebook, tab, cell)
  const query = useApi('findPresence', { params: { id: notebook } }, { retry: false })
  const people = query.data?.people ?? []
  const me = people.find(({ id }) => id === tab)
  const others = people.filter(({ id }) => id !== tab)
  if (others.length === 0) return null
  return (
    <ul className="presence" aria-label="Also here">
      {others.slice(0, 5).map((person) => {
        const label = describe(person, me, cells)
        return (
          <li key={person.id}>
            <Tooltip label={label}>
              <button
                type="button"
                aria-label={label}
                style={{ background: toHue(person.id) }}
                onClick={() => person.cell !== null && onGo(person.cell)}
              >
                {person.name.slice(0, 2).toUpperCase()}
              </button>
            </Tooltip>
          </li>
        )
      })}
      {others.length > 5 && <li className="dim">and {others.length - 5} more</li>}
    </ul>
  )
}

function usePresence(notebook: string, tab: string, cell: string | null): void {
  const queries = useQueryClient()
  const params = { id: notebook }
  const tell = useEffectEvent(() => {
    client
      .call('putPresence', { params, body: { tab, cell } })
      .then((answer) => queries.setQueryData(keyOf('findPresence', { params }), answer))
      // Who is here is told again soon.
      .catch(() => undefined)
  })
  useEffect(() => {
    const timer = setTimeout(() => tell(), settleMs)
    return () => clearTimeout(timer)
  }, [cell])
  useEffect(() => {
    const timer = setInterval(() => tell(), everyMs)
    const leave = () => {
      const init = { method: 'PUT', keepalive: true, headers: { 'content-type': 'application/json' } }
      const body = JSON.stringify({ tab, gone: true })
      send(client.url('putPresence', { params: { id: notebook } }), { ...init, body }).catch(() => undefined)
    }
    window.addEventListener('pagehide', leave)
    return () => {
      clearInterval(timer)
      window.removeEventListener('pagehide', leave)
      leave()
    }
  }, [notebook, tab])
}

function describe(person: Person, me: Person | undefined, cells: PresenceProps['cells']): string {
  const who = person.kind === 'token' ? `${person.name}, by token` : person.name
  const name = me?.name === person.name && person.kind === 'person' ? `${who} in another tab` : who
  const at = cells.findIndex(({ id }) => id === person.cell)
  return at < 0 ? name : `${name}, on cell ${at + 1}`
}
function toHue(id: string): string {
  let sum = 0
  for (const character of id) sum = (sum * 31 + character.charCodeAt(0)) % 9973
  return hues[sum % hues.length]!
}
/** randomUUID is not there outside of a secure context. */
function newTab(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
