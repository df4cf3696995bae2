/** The real server, as a process of its own on a free port with a new data folder, for tests over REST. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient } from '../runtime/api/client.ts'

export const token = 'test-token-of-the-first-owner'

export interface TestServer {
  base: string
  client: Client
  data: string
  process: ChildProcess
  /** What it printed so far. */
  output(): string
  fetch(path: string, init?: RequestInit): Promise<Response>
  close(): Promise<void>
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  await new Promise((done) => server.close(done))
  return typeof address === 'object' && address ? address.port : 0
}

export async function startServer(
  options: { environment?: Record<string, string>; data?: string; samples?: boolean; waitMs?: number } = {},
): Promise<TestServer> {
  const data = options.data ?? mkdtempSync(join(tmpdir(), 'suricate-test-'))
  const child = spawn(process.execPath, ['workers/web.ts'], {
    cwd: join(import.meta.dirname, '..'),
    env: {
      ...process.env,
      PORT: '0',
      SURICATE_DATA: data,
      SURICATE_TOKEN: token,
      SURICATE_SAMPLES: options.samples ? '1' : '0',
      SURICATE_LOG: 'warn',
      ...options.environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (part: Buffer) => {
      text = (text + part.toString()).slice(-100_000)
    })
  const base = await until(
    () => {
      if (child.exitCode !== null) throw new Error(`The server ended: ${text}`)
      return /Suricate is up: (http:\/\/[^\s/]+)/.exec(text)?.[1]
    },
    options.waitMs ?? 60_000,
    () => `the server to be up: ${text}`,
  )
  return {
    base,
    client: createClient({ base, token }),
    data,
    process: child,
    output: () => text,
    fetch: (path, init = {}) => {
      const headers = new Headers(init.headers)
      if (!headers.has('authorization')) headers.set('authorization', `Bearer ${token}`)
      return fetch(`${base}/api/v1${path}`, { ...init, headers })
    },
    async close() {
      if (child.exitCode === null) {
        const ended = new Promise((done) => child.once('exit', done))
        child.kill('SIGTERM')
        const timer = setTimeout(() => child.kill('SIGKILL'), 12_000)
        await ended
        clearTimeout(timer)
      }
      if (!options.data) rmSync(data, { recursive: true, force: true })
    },
  }
}

/** The first value that is not undefined, false or null; asks every 50 ms, and says what it waited for. */
export async function until<T>(
  ask: () => T | Promise<T>,
  waitMs: number,
  what: string | (() => string),
): Promise<Exclude<T, undefined | null | false>> {
  const end = Date.now() + waitMs
  for (;;) {
    const value = await ask()
    if (value !== undefined && value !== null && value !== false)
      return value as Exclude<T, undefined | null | false>
    if (Date.now() > end)
      throw new Error(`Waited ${waitMs} ms for ${typeof what === 'string' ? what : what()}`)
    await new Promise((done) => setTimeout(done, 50))
  }
}
