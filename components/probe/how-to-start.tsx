'use client'
/** Ready command lines, with this server's address. */
import Link from 'next/link'
import { useSyncExternalStore } from 'react'
import { CodeBlock } from '../ui/parts.tsx'

export function HowToStart({ scripts = false }: { scripts?: boolean }) {
  const origin = useSyncExternalStore(
    () => () => undefined, // it does not change
    () => location.origin,
    () => 'http://127.0.0.1:3000',
  )
  const flag = scripts ? ' --scripts' : ''
  const start = `SURICATE_URL=${origin} SURICATE_TOKEN=TOKEN npx suricate collect${flag}`
  return (
    <div className="stack probe-start">
      <p>
        In the folder of Suricate on the machine to look at, with a <Link href="/settings">token</Link> that
        may run:
      </p>
      <CodeBlock text={start} label="Copy the command" />
      <p>By RabbitMQ instead of HTTP:</p>
      <CodeBlock
        text={`${start} --amqp amqp://user:password@broker:5672`}
        label="Copy the command for RabbitMQ"
      />
    </div>
  )
}
