'use client'
import { ActionIcon, Button, TextInput } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useState } from 'react'
import { useAct } from '../ui/api.ts'

export function Egress({ allow, editable }: { allow: string[]; editable: boolean }) {
  const [pair, setPair] = useState('')
  const put = useAct('putEgress', { done: () => setPair('') })
  const set = (list: string[]) => put.mutate({ body: { allow: list } })
  return (
    <div className="stack">
      {allow.length === 0 && (
        <p className="dim">
          Nothing: only the public web on ports 80 and 443. Add exact host:port pairs for a broker or receiver
          of yours.
        </p>
      )}
      <ul className="pairs">
        {allow.map((one) => (
          <li key={one}>
            <code>{one}</code>
            {editable && (
              <ActionIcon
                size={22}
                aria-label={`No longer allow ${one}`}
                onClick={() => set(allow.filter((other) => other !== one))}
              >
                <IconX size={14} />
              </ActionIcon>
            )}
          </li>
        ))}
      </ul>
      {editable && (
        <form
          className="toolbar"
          onSubmit={(event) => {
            event.preventDefault()
            set([...allow, pair.trim()])
          }}
        >
          <TextInput
            className="grow"
            maw={320}
            aria-label="host:port to allow"
            placeholder="localhost:5672"
            required
            value={pair}
            onChange={(event) => setPair(event.currentTarget.value)}
          />
          <Button type="submit" variant="default" loading={put.isPending}>
            Allow
          </Button>
        </form>
      )}
    </div>
  )
}
