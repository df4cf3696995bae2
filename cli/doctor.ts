/** `suricate doctor`: whether what Suricate needs is there, one line each; what a client and this machine can see. */
import { statfsSync } from 'node:fs'
import { connect } from 'node:net'
import { type Command, type Context, print } from './context.ts'
import { parseFlags } from './flags.ts'

const waitMs = 5000
const minFreeBytes = 1e9
interface Check {
  name: string
  ok: boolean | 'unknown'
  detail: string
}

export const doctor: Command = {
  help: 'suricate doctor   checks Node, the server, sandbox, store, disk and RabbitMQ',
  async run(context, args) {
    parseFlags(args, { help: 'switch' })
    const checks = [
      checkNode(),
      ...(await checkServer(context)),
      await checkToken(context),
      checkDisk(context.environment['SURICATE_DATA'] ?? '.'),
      await checkBroker(context.environment['SURICATE_AMQP_URL']),
    ]
    for (const { name, ok, detail } of checks)
      print(context, `${ok === 'unknown' ? '-' : ok ? 'ok' : 'NO'}  ${name}: ${detail}`)
    return checks.some(({ ok }) => ok === false) ? 1 : 0
  },
}

function checkNode(): Check {
  const major = Number(process.versions.node.split('.')[0])
  return {
    name: 'Node',
    ok: major >= 26,
    detail: `${process.versions.node}${major >= 26 ? '' : '; 26 is needed'}`,
  }
}

async function checkServer({ settings, client }: Context): Promise<Check[]> {
  try {
    const response = await fetch(client.url('getReady', {}), { signal: AbortSignal.timeout(waitMs) })
    const body = (await response.json()) as { checks?: { [name: string]: { ok: boolean; detail: string } } }
    const parts = Object.entries(body.checks ?? {}).map(([name, check]) => ({ name, ...check }))
    return [{ name: 'server', ok: response.ok, detail: settings.url }, ...parts]
  } catch {
    return [{ name: 'server', ok: false, detail: `nothing answers at ${settings.url}; start it: npm start` }]
  }
}

async function checkToken({ client, settings }: Context): Promise<Check> {
  if (!settings.token) return { name: 'token', ok: false, detail: 'none; sign in: suricate login ADDRESS' }
  try {
    const me = await client.call('getMe', { signal: AbortSignal.timeout(waitMs) })
    return { name: 'token', ok: true, detail: `${me.name}, ${me.role}` }
  } catch (error) {
    return { name: 'token', ok: false, detail: error instanceof Error ? error.message : String(error) }
  }
}

function checkDisk(folder: string): Check {
  try {
    const { bavail, bsize } = statfsSync(folder)
    const free = bavail * bsize
    return {
      name: 'disk',
      ok: free >= minFreeBytes,
      detail: `${(free / 1e9).toFixed(1)} GB free at ${folder}`,
    }
  } catch {
    return { name: 'disk', ok: 'unknown', detail: `there is no ${folder} on this machine` }
  }
}

/** That something listens; who signs in there is the streams' matter. */
async function checkBroker(address: string | undefined): Promise<Check> {
  const url = URL.parse(address ?? 'amqp://127.0.0.1:5672')
  if (!url) return { name: 'RabbitMQ', ok: false, detail: 'SURICATE_AMQP_URL is no address' }
  const port = Number(url.port || (url.protocol === 'amqps:' ? 5671 : 5672))
  const socket = connect({ host: url.hostname.replace(/^\[|\]$/g, ''), port })
  const listens = await new Promise<boolean>((done) => {
    socket.setTimeout(waitMs, () => done(false))
    socket.once('connect', () => done(true))
    socket.once('error', () => done(false))
  })
  socket.destroy()
  const place = `${url.hostname}:${port}`
  if (listens) return { name: 'RabbitMQ', ok: true, detail: `listens at ${place}` }
  return address === undefined
    ? { name: 'RabbitMQ', ok: 'unknown', detail: `none at ${place}; needed for AMQP streams alone` }
    : { name: 'RabbitMQ', ok: false, detail: `nothing listens at ${place}` }
}
