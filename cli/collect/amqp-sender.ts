/** Over AMQP, through the publisher that runs as a process of its own (workers/publish.ts): one line each way. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { Fault } from '../fault.ts'
import type { Sender } from './sender.ts'

export type AmqpTarget =
  | { url: string; queue: string }
  | { url: string; exchange: string; routingKey: string }
interface State {
  connected: boolean
  detail: string | null
  confirmed: number
  dropped: number
  returned: number
}
const entry = join(import.meta.dirname, '..', '..', 'workers', 'publish.ts')
const maxPipeBytes = 16 * 1024 * 1024
const killMs = 8000

/** `ready`: once the broker was reached and the queue is there. */
export function openAmqpSender(
  target: AmqpTarget,
  onState: (text: string) => void,
): Sender & { ready: Promise<void> } {
  const { promise: ready, resolve: isReady } = Promise.withResolvers<void>()
  const child = spawn(process.execPath, [entry], { stdio: ['pipe', 'pipe', 'inherit'] })
  const told = { sent: 0, dropped: 0 }
  let refused = 0
  let spoken = ''
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.once('error', (error) => onState(`The publisher did not start: ${error.message}`))
  child.stdin.on('error', () => undefined) // the exit tells
  child.stdin.write(`${JSON.stringify(target)}\n`)
  createInterface({ input: child.stdout }).on('line', (line) => {
    const state = JSON.parse(line) as State
    told.sent = state.confirmed
    told.dropped = state.dropped + refused
    if (state.connected) isReady()
    const lost = state.returned > 0 ? ` ${state.returned} messages reached no queue.` : ''
    const text = `${state.connected ? 'Connected to the broker.' : (state.detail ?? 'Closed.')}${lost}`
    if (text !== spoken) onState(text)
    spoken = text
  })
  return {
    told,
    ready,
    send(message) {
      if (child.exitCode !== null) throw new Fault('The publisher has ended.', 1)
      // A publisher that does not read: the pipe is the bound.
      if (child.stdin.writableLength > maxPipeBytes) {
        refused++
        return
      }
      const body = JSON.stringify(message)
      child.stdin.write(`${JSON.stringify({ id: crypto.randomUUID(), body })}\n`)
    },
    async close() {
      child.stdin.end()
      const timer = setTimeout(() => child.kill('SIGKILL'), killMs)
      await ended
      clearTimeout(timer)
    },
  }
}
