/**
 * The collector and its server: it finds or makes the stream, says who it is, and holds the event stream by which
 * scripts come. A server that goes away is asked again with growing pauses; readings over AMQP go on meanwhile.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError } from '../../runtime/api/client.ts'
import type { Collector, CollectorJob } from '../../runtime/api/collectors.ts'
import type { StreamSource } from '../../runtime/api/streams.ts'
import { toBlocks } from '../blocks.ts'
import type { Context } from '../context.ts'
import { Fault, isUnreachable } from '../fault.ts'
import { findAll } from '../find.ts'

export interface RegistrationOptions {
  id: string
  introduction: Omit<Collector, 'id' | 'connected' | 'startedAt' | 'seenAt' | 'job' | 'stream'>
  stream: string
  source: StreamSource
  /** The queue is there: a stream whose queue is missing would wait for somebody to look at it. */
  ready?: Promise<void> | undefined
  onJob: (job: CollectorJob) => void
  onProblem: (text: string) => void
}
export interface Registration {
  /** The id of the stream, once the server answered. */
  stream(): Promise<string>
  report(job: string, state: 'running' | 'done' | 'failed' | 'cancelled', error: string | null): Promise<void>
  close(): Promise<void>
}
const readyMs = 10_000
const pauseMs = { first: 300, most: 5000 }

export function openRegistration(context: Context, options: RegistrationOptions): Registration {
  const { client, settings } = context
  const { id, introduction } = options
  const stop = new AbortController()
  const known = Promise.withResolvers<string>()
  known.promise.catch(() => undefined) // whoever waits for it hears of it

  async function hold(): Promise<void> {
    if (options.ready) await Promise.race([options.ready, sleep(readyMs, undefined, { signal: stop.signal })])
    const stream = await ensureStream(context, options.stream, options.source)
    await client.call('putCollector', {
      params: { id },
      body: { ...introduction, stream },
      signal: stop.signal,
    })
    known.resolve(stream)
    const response = await fetch(client.url('getCollectorEvents', { params: { id } }), {
      headers: {
        accept: 'text/event-stream',
        ...(settings.token ? { authorization: `Bearer ${settings.token}` } : {}),
      },
      signal: stop.signal,
    })
    if (!response.ok || !response.body) throw new TypeError('fetch failed')
    for await (const { event, data } of toBlocks(response.body))
      if (event === 'job') options.onJob(JSON.parse(data) as CollectorJob)
  }
  async function run(): Promise<void> {
    let pause = pauseMs.first
    let told = false
    while (!stop.signal.aborted) {
      try {
        await hold()
        pause = pauseMs.first
        told = false
      } catch (error) {
        if (stop.signal.aborted) return
        const isLasting =
          error instanceof Fault ||
          (error instanceof ApiError && [401, 403, 422].includes(error.problem.status))
        if (isLasting) return known.reject(error)
        if (!isUnreachable(error) && !(error instanceof ApiError)) throw error
        if (!told) options.onProblem('The server does not answer; it is asked again.')
        told = true
      }
      await new Promise((done) => setTimeout(done, pause))
      pause = Math.min(pause * 2, pauseMs.most)
    }
  }
  const running = run().catch((error: unknown) => known.reject(error))
  return {
    stream: () => known.promise,
    async report(job, state, error) {
      const body = { state, error: error === null ? null : error.slice(0, 4000) }
      await client
        .call('updateCollectorJob', { params: { id, job }, body })
        .catch((problem: unknown) => options.onProblem(problem instanceof Error ? problem.message : 'failed'))
    },
    async close() {
      stop.abort()
      await running
      await client.call('deleteCollector', { params: { id } }).catch(() => undefined) // it ends in any case
    },
  }
}

/** By name; it is made when it is missing. Two collectors that start at once make one. */
async function ensureStream({ client }: Context, name: string, source: StreamSource): Promise<string> {
  const find = async () => {
    const all = await findAll((cursor) =>
      client.call('findStreams', { query: { limit: 200, ...(cursor ? { cursor } : {}) } }),
    )
    return all.find((one) => one.id === name || one.name === name)
  }
  const found = await find()
  if (found) {
    if (found.source.type === source.type) return found.id
    throw new Fault(
      `The stream "${found.name}" is of type ${found.source.type}, not ${source.type}. Name another one: --stream NAME`,
    )
  }
  try {
    const body = { name, source, eventTime: { path: 'at', unit: 'ms' as const }, key: { path: 'collector' } }
    return (await client.call('createStream', { body })).id
  } catch (error) {
    const made = error instanceof ApiError && error.problem.status === 409 ? await find() : undefined
    if (made) return made.id
    throw error
  }
}
