/**
 * A private RabbitMQ for tests: a node of its own below one temporary folder, on random ports, with an own epmd, so
 * that no other broker is seen or touched. Where RabbitMQ is not installed `openBroker` is undefined, and the suites
 * say that they are skipped.
 */
import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const folders = ['/usr/lib/rabbitmq/bin', '/opt/homebrew/sbin', '/usr/local/sbin']
const bin = folders.find((folder) => existsSync(join(folder, 'rabbitmq-server')))
export const brokerMissing = bin === undefined

export interface Broker {
  readonly port: number
  /** amqp://user:password@127.0.0.1:port/vhost */
  url(vhost?: string, user?: string, password?: string): string
  ctl(...args: string[]): Promise<string>
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>
  start(): Promise<void>
  /** Ends the broker and its epmd, and removes the folder. */
  close(): Promise<void>
}

/** `more`: further lines of its configuration. */
export async function openBroker(more = ''): Promise<Broker> {
  if (bin === undefined) throw new Error('rabbitmq-server is not installed: apt-get install rabbitmq-server')
  const folder = await mkdtemp(join(tmpdir(), 'suricate-broker-'))
  const [port, epmd, dist] = await Promise.all([freePort(), freePort(), freePort()])
  for (const part of ['mnesia', 'log']) await mkdir(join(folder, part))
  const config = join(folder, 'rabbitmq.conf')
  await writeFile(config, `listeners.tcp.1 = 127.0.0.1:${port}\nlog.file.level = warning\n${more}`)
  await writeFile(join(folder, 'plugins'), '[].\n')
  // Made by whoever comes first otherwise: node and rabbitmqctl would race for it.
  await writeFile(join(folder, '.erlang.cookie'), 'SURICATETEST', { mode: 0o400 })
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    HOME: folder,
    LANG: 'C.UTF-8',
    RABBITMQ_NODENAME: 'rabbit@localhost',
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_PID_FILE: join(folder, 'pid'),
    RABBITMQ_CONFIG_FILE: config,
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    ERL_EPMD_PORT: String(epmd),
    RABBITMQ_DIST_PORT: String(dist),
  }
  const ctl = async (...args: string[]): Promise<string> => {
    const { stdout } = await run(join(bin, 'rabbitmqctl'), ['-q', ...args], {
      env: environment,
      timeout: 60_000,
    })
    return stdout
  }
  let ended: Promise<void> = Promise.resolve()
  const pid = async (): Promise<number> => Number((await readFile(join(folder, 'pid'), 'utf8')).trim())
  const start = async (): Promise<void> => {
    await rm(join(folder, 'pid'), { force: true })
    const child = spawn(join(bin, 'rabbitmq-server'), [], {
      env: environment,
      stdio: 'ignore',
      detached: true,
    })
    const { promise, resolve } = Promise.withResolvers<void>()
    ended = promise
    child.on('exit', () => resolve())
    // The node is not known to epmd at once.
    for (const limit = performance.now() + 60_000; ;) {
      try {
        await ctl('await_startup', '--timeout', '60')
        return
      } catch (error) {
        if (performance.now() > limit || child.exitCode !== null) throw error
      }
    }
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const target = await pid().catch(() => undefined)
    if (target !== undefined) signalTo(target, signal)
    await ended
    while (target !== undefined && signalTo(target, 0))
      await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await start()
  await ctl('add_user', 'tester', 'secret')
  await ctl('set_permissions', 'tester', '.*', '.*', '.*')
  return {
    port,
    url: (vhost = '/', user = 'tester', password = 'secret') =>
      `amqp://${user}:${password}@127.0.0.1:${port}/${encodeURIComponent(vhost)}`,
    ctl,
    kill: () => end('SIGKILL'),
    start,
    async close() {
      await end('SIGKILL')
      await run('epmd', ['-port', String(epmd), '-kill'], { env: environment }).catch(() => undefined)
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

function signalTo(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal)
    return true
  } catch {
    return false
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}
