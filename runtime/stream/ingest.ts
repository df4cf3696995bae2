/**
 * The ingest process: moves AMQP messages and replayed rows to the durable log, and nothing else. It is a process of
 * its own so that a notebook, a page or a long query never delays an acknowledgement, and so that its death, which
 * loses nothing, is nobody else's. When its parent goes, it flushes, acknowledges and ends.
 */
import type { Readable, Writable } from 'node:stream'
import { systemClock } from '../clock.ts'
import { AppError, isAppError, toErrorCode, toMessage } from '../error.ts'
import { openStore } from '../store/open.ts'
import type { Store } from '../store/port.ts'
import { readFrames, writeFrame } from './frame.ts'
import type { IngestCommand, IngestEvent } from './ingest-port.ts'
import { watchRoom } from './room.ts'
import { createRunner, type Runner } from './runner.ts'

const resolveMs = 15_000
const stopMs = 10_000

/** Resolves when everything is stopped: after `stop`, or when the input ends. `watch`: another measure of the disk. */
export async function runIngest(input: Readable, output: Writable, watch = watchRoom): Promise<void> {
  const send = (event: IngestEvent): void => writeFrame(output, event)
  output.on('error', () => undefined) // the parent is gone: the input ends as well
  const runners = new Map<string, Runner>()
  const calls = new Map<number, PromiseWithResolvers<{ address: string }>>()
  let store: Store | undefined
  let owner = ''
  let held: string | null = null
  let room: { close(): void } | undefined
  let lastCall = 0

  function resolveOf(workspace: string) {
    return (host: string, port: number): Promise<{ address: string }> => {
      const call = ++lastCall
      const waiting = Promise.withResolvers<{ address: string }>()
      calls.set(call, waiting)
      const timer = setTimeout(
        () => waiting.reject(new AppError('timeout', 'The address was not checked within 15 s.')),
        resolveMs,
      )
      send({ type: 'resolve', call, workspace, host, port })
      return waiting.promise.finally(() => {
        clearTimeout(timer)
        calls.delete(call)
      })
    }
  }
  async function handle(command: IngestCommand): Promise<boolean> {
    switch (command.type) {
      case 'start':
        owner = command.owner
        store = await openStore(command.store)
        // MongoDB's disk is elsewhere
        if (command.store.mongoUri === undefined)
          room = watch(command.store.data, (reason) => {
            held = reason
            for (const runner of runners.values()) runner.hold(reason)
          })
        send({ type: 'ready' })
        return true
      case 'define': {
        if (!store) throw new AppError('internal', 'A stream was defined before the start.')
        const { workspace, stream } = command
        const key = `${workspace}/${stream.id}`
        let runner = runners.get(key)
        if (!runner) {
          const deps = {
            store: store.in(workspace),
            owner,
            clock: systemClock,
            resolve: resolveOf(workspace),
          }
          runner = createRunner(workspace, stream.id, deps, send)
          runners.set(key, runner)
          if (held !== null) runner.hold(held)
        }
        runner.define(stream)
        return true
      }
      case 'replay': {
        const { call, workspace, id, letters } = command
        const runner = runners.get(`${workspace}/${id}`)
        if (!runner)
          send({ type: 'notReplayed', call, code: 'unavailable', message: 'It is not read here yet.' })
        runner?.replay(letters).then(
          (results) => send({ type: 'replayed', call, results }),
          (error: unknown) => {
            const code = isAppError(error) ? error.code : 'internal'
            send({ type: 'notReplayed', call, code, message: toMessage(error) })
          },
        )
        return true
      }
      case 'remove': {
        const key = `${command.workspace}/${command.id}`
        const runner = runners.get(key)
        runners.delete(key)
        const { workspace, id } = command
        void (runner?.remove(command.purge) ?? Promise.resolve()).then(() =>
          send({ type: 'removed', workspace, id }),
        )
        return true
      }
      case 'resolved':
        calls.get(command.call)?.resolve({ address: command.address })
        return true
      case 'refused':
        calls.get(command.call)?.reject(new AppError(toErrorCode(command.code), command.message))
        return true
      case 'stop':
        return false
    }
  }
  try {
    for await (const command of readFrames(input)) if (!(await handle(command as IngestCommand))) break
  } catch (error) {
    send({ type: 'trouble', message: toMessage(error) })
    throw error
  } finally {
    room?.close()
    const limit = new Promise((resolve) => setTimeout(resolve, stopMs).unref())
    await Promise.race([Promise.all([...runners.values()].map((runner) => runner.remove(false))), limit])
    await store?.close()
  }
}
