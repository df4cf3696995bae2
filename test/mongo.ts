/**
 * A MongoDB-compatible server for tests: the one at MONGODB_URI, else one started by the command MONGO_SERVER
 * (`COMMAND --port N --dir DIR`, prints MONGODB_URI=... once it answers), else `mongod` from the path, else none,
 * which is said aloud. Tests that kill or freeze a server start their own.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, connect } from 'node:net'
import { join } from 'node:path'

export interface TestMongo {
  uri: string
  /** Fresh: nobody else uses it. */
  database: string
  close(): Promise<void>
}
export interface OwnMongo extends TestMongo {
  port: number
  dir: string
  /** SIGKILL to every process of it; resolves when they are gone. */
  kill(): Promise<void>
  /** The processes stop answering (SIGSTOP) until `thaw`. */
  freeze(): void
  thaw(): void
  /** Again on the same folder and port, after `kill`. */
  start(): Promise<void>
}

/** A server that was killed and started again may not end by itself. */
const closeMs = 5000

/** null where there is none; the caller skips with this reason. */
export async function useMongo(): Promise<TestMongo | null> {
  const database = `test_${randomUUID().replaceAll('-', '').slice(0, 16)}`
  const given = process.env['MONGODB_URI']
  if (given) return { uri: given, database, close: () => Promise.resolve() }
  return startMongo()
}

export async function startMongo(options: { port?: number; dir?: string } = {}): Promise<OwnMongo | null> {
  const command = findCommand()
  if (!command) {
    console.warn(
      'SKIPPED: no MongoDB for the tests. Set MONGODB_URI to a server, MONGO_SERVER to a command that starts one, or put mongod on the PATH.',
    )
    return null
  }
  const port = options.port ?? (await freePort())
  const dir = options.dir ?? mkdtempSync('/tmp/sm-')
  mkdirSync(dir, { recursive: true, mode: 0o755 })
  const database = `test_${randomUUID().replaceAll('-', '').slice(0, 16)}`
  let child: ChildProcess | undefined
  const endWithTests = (): void => {
    signal('SIGKILL')
  }
  process.once('exit', endWithTests)

  const pids = (): number[] => {
    const all = child?.pid === undefined ? [] : [child.pid]
    for (const name of ['ferretdb.pid', 'postgres.pid'])
      try {
        all.push(Number(readFileSync(join(dir, name), 'utf8')))
      } catch {
        // mongod has no such files
      }
    return all
  }
  const signal = (name: NodeJS.Signals, to = pids()): void => {
    for (const pid of to)
      try {
        process.kill(pid, name)
      } catch {
        // gone already
      }
  }
  const ended = (process_: ChildProcess): Promise<void> =>
    new Promise((resolve) => {
      if (process_.exitCode !== null || process_.signalCode !== null) resolve()
      else process_.once('exit', () => resolve())
    })
  const server: OwnMongo = {
    uri: `mongodb://127.0.0.1:${port}`,
    database,
    port,
    dir,
    async start() {
      child = spawn(command.file, command.args(port, dir), { stdio: ['ignore', 'ignore', 'inherit'] })
      const started = child
      for (const limit = Date.now() + 30_000; !(await listens(port));) {
        if (started.exitCode !== null) throw new Error(`${command.file} ended with ${started.exitCode}`)
        if (Date.now() > limit) throw new Error(`${command.file} did not listen on port ${port} within 30 s`)
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    },
    async kill() {
      const killed = child
      const family = withChildren(pids())
      signal('SIGKILL', family)
      if (killed) await ended(killed)
      // What outlives its parent still holds the memory that a new server on this folder needs.
      const limit = Date.now() + 10_000
      while (family.some(isAlive) && Date.now() < limit)
        await new Promise((resolve) => setTimeout(resolve, 20))
      while (await listens(port)) await new Promise((resolve) => setTimeout(resolve, 20))
    },
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    async close() {
      process.removeListener('exit', endWithTests)
      const stopped = child
      if (stopped && stopped.exitCode === null && stopped.signalCode === null) {
        signal('SIGCONT')
        stopped.kill('SIGTERM')
        const late = setTimeout(() => signal('SIGKILL'), closeMs)
        await ended(stopped)
        clearTimeout(late)
      }
      if (!options.dir) rmSync(dir, { recursive: true, force: true })
    },
  }
  await server.start()
  return server
}

/** All of them stopped, each before its children are looked for: one that is born in between would outlive the rest. */
function withChildren(pids: number[]): number[] {
  const all = [...pids]
  for (const pid of all)
    try {
      process.kill(pid, 'SIGSTOP')
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      all.push(...children.split(/\s+/).filter(Boolean).map(Number))
    } catch {
      // gone already, or no /proc
    }
  return all
}
/** A process that ended and that nobody waited for is gone too. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/^State:\s*[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

interface Command {
  file: string
  args(port: number, dir: string): string[]
}
function findCommand(): Command | undefined {
  const given = process.env['MONGO_SERVER']
  if (given) return { file: given, args: (port, dir) => ['--port', String(port), '--dir', dir] }
  if (spawnSync('mongod', ['--version']).status !== 0) return undefined
  return {
    file: 'mongod',
    args: (port, dir) => ['--quiet', '--bind_ip', '127.0.0.1', '--port', String(port), '--dbpath', dir],
  }
}
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
