/**
 * `suricate collect`: this machine's counters, or what a bpftrace script tells, into a stream. It runs no script that
 * came over the network unless it was started with --scripts, and then one at a time.
 */
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Reading } from '../runtime/api/probe-message.ts'
import { openAmqpSender, type AmqpTarget } from './collect/amqp-sender.ts'
import { Jobs } from './collect/jobs.ts'
import { openRegistration, type Registration } from './collect/registration.ts'
import { createSampler } from './collect/sampler.ts'
import { openHttpSender, type Sender } from './collect/sender.ts'
import { findBpftrace, trace } from './collect/tracer.ts'
import { type Command, type Context, print, say } from './context.ts'
import { Fault } from './fault.ts'
import { parseFlags, type Given } from './flags.ts'

const flags = {
  stream: 'value',
  every: 'value',
  for: 'value',
  name: 'value',
  script: 'value',
  scripts: 'switch',
  amqp: 'value',
  queue: 'value',
  exchange: 'value',
  key: 'value',
  print: 'switch',
  help: 'switch',
} as const

export const collect: Command = {
  help: `suricate collect   this machine's counters, or a bpftrace script's, into a stream

  --stream NAME     the stream, made when it is missing (default: probe)
  --every SECONDS   between two readings (default: 1)
  --for SECONDS     then it ends (default: 0, until Ctrl+C)
  --name NAME       what the page calls it (default: the host's name)
  --script FILE     a bpftrace script; where bpftrace is missing /proc is read instead
  --scripts         also run what owners and editors send from the page Probe; off by default
  --amqp URL        by this broker instead of HTTP; "env" takes SURICATE_AMQP_URL
  --queue NAME      on the broker, made when it is missing (default: suricate.STREAM)
  --exchange NAME --key KEY   on the broker, instead of a queue
  --print           to stdout as lines of JSON, to nobody else`,
  async run(context, args) {
    const { own, positional } = parseFlags(args, flags)
    if (positional.length > 0) throw new Fault('suricate collect takes flags alone; --help lists them.')
    const settings = toSettings(own, context)
    const bpftrace = findBpftrace(context.environment)
    const file = own.get('script')
    const script = file === undefined ? undefined : readScript(String(file))
    if (script !== undefined && !bpftrace)
      say(context, 'bpftrace is not here; /proc is read instead of the script.')

    const id = `${settings.host}-${crypto.randomUUID().slice(0, 8)}`.replaceAll(/[^\w.-]/g, '-').slice(-80)
    const jobs = new Jobs(context, { ...settings, bpftrace, takes: own.has('scripts') })
    const tell = (text: string): void => say(context, text)
    const isPrinted = own.has('print')
    const broker = settings.target && !isPrinted ? openAmqpSender(settings.target, tell) : undefined
    const registration = isPrinted
      ? undefined
      : openRegistration(context, {
          id,
          stream: settings.stream,
          source: settings.target ? toSource(settings.target) : { type: 'http' },
          introduction: {
            host: settings.host,
            name: settings.name,
            bpftrace: bpftrace !== undefined,
            scripts: own.has('scripts'),
            every: settings.every,
          },
          onJob: (job) => jobs.take(job),
          onProblem: tell,
          ready: broker?.ready,
        })
    const sender = broker ?? openSender(context, registration)
    const emit = (job: string | null, reading: Reading): void =>
      sender.send({ at: Date.now(), host: settings.host, collector: id, job, ...reading })
    jobs.begin(registration, emit)
    const ending = new AbortController()
    const signal = AbortSignal.any([context.signal, ending.signal])
    const timer = settings.seconds > 0 ? setTimeout(() => ending.abort(), settings.seconds * 1000) : undefined
    let wrong: unknown
    try {
      // Over AMQP it goes on without a server; over HTTP, or with a token that is refused, it does not.
      const refused = registration?.stream().then(
        (stream) => say(context, `Collecting on ${settings.host} as ${id} into the stream ${stream}.`),
        (error: unknown) => {
          wrong = error
          ending.abort()
        },
      )
      if (script !== undefined && bpftrace) {
        const options = { bpftrace, script, seconds: 0, every: settings.every, signal }
        const error = await trace({ ...options, emit: (reading) => emit(null, reading) })
        if (error) throw new Fault(error, 1)
      } else await sample(settings.every, signal, (reading) => emit(null, reading))
      if (wrong) await refused
    } finally {
      clearTimeout(timer)
      await jobs.close()
      await sender.close()
      await registration?.close()
    }
    if (wrong) throw wrong
    say(context, `${sender.told.sent} messages sent, ${sender.told.dropped} dropped`)
    return 0
  },
}

/** Readings at fixed distances, until the signal. */
async function sample(every: number, signal: AbortSignal, emit: (reading: Reading) => void): Promise<void> {
  const read = createSampler({ now: () => Date.now() })
  const start = Date.now()
  // The first reading has nothing to compare with: the second comes soon, so that something is seen at once.
  let next = start
  for (let count = 0; !signal.aborted; count++) {
    for (const reading of read()) emit(reading)
    next = count === 0 ? Date.now() + Math.min(200, every * 1000) : Math.max(next + every * 1000, Date.now())
    await sleep(next - Date.now(), undefined, { signal }).catch(() => undefined)
  }
}

interface Settings {
  stream: string
  every: number
  seconds: number
  host: string
  name: string
  target: AmqpTarget | undefined
}
function toSettings(own: Given['own'], { environment }: Context): Settings {
  const stream = String(own.get('stream') ?? 'probe')
  const host = hostname() || 'localhost'
  const url = own.get('amqp') === 'env' ? environment['SURICATE_AMQP_URL'] : own.get('amqp')
  if (own.get('amqp') === 'env' && !url) throw new Fault('SURICATE_AMQP_URL is not set.')
  const exchange = own.get('exchange')
  for (const flag of ['queue', 'exchange', 'key'])
    if (own.has(flag) && url === undefined) throw new Fault(`--${flag} needs --amqp URL.`)
  return {
    stream,
    host,
    name: String(own.get('name') ?? host),
    every: toNumber('every', own.get('every') ?? '1', 0.1, 3600),
    seconds: toNumber('for', own.get('for') ?? '0', 0, 86_400 * 365),
    target:
      url === undefined
        ? undefined
        : exchange === undefined
          ? { url: String(url), queue: String(own.get('queue') ?? `suricate.${stream}`) }
          : { url: String(url), exchange: String(exchange), routingKey: String(own.get('key') ?? stream) },
  }
}
function toNumber(flag: string, value: string | true, least: number, most: number): number {
  const parsed = z.coerce.number().min(least).max(most).safeParse(value)
  if (parsed.success && value !== '') return parsed.data
  throw new Fault(`--${flag} is a number of seconds from ${least} to ${most}, not "${String(value)}".`)
}
function toSource(target: AmqpTarget) {
  return 'queue' in target
    ? { type: 'amqp' as const, url: target.url, queue: target.queue }
    : { type: 'amqp' as const, url: target.url, exchange: target.exchange, routingKeys: [target.routingKey] }
}
function readScript(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new Fault(`There is no file ${file}.`)
  }
}
function openSender(context: Context, registration: Registration | undefined): Sender {
  if (registration)
    return openHttpSender(
      context.client,
      () => registration.stream(),
      (text) => say(context, text),
    )
  const told = { sent: 0, dropped: 0 }
  const send = (message: object): void => {
    print(context, JSON.stringify(message))
    told.sent++
  }
  return { told, send, close: async () => undefined }
}
