/**
 * What must hold after every hostile request to a whole server: it is healthy, another workspace's `1 + 1` answers within
 * a second, no sandbox left a file, and the server holds no connection to anywhere.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { type Client, createClient } from '../../runtime/api/client.ts'
import type { TestServer } from '../server.ts'
import { findFile } from './invariants.ts'

export interface Neighbour {
  /** Of the other workspace, which has a project, a notebook and a kernel. */
  client: Client
  token: string
  /** The faults; none when all is well. */
  check(): Promise<string[]>
}

const answerMs = 1_000
/** A connection that was cut a moment ago may still be on its way out. */
const closingMs = 2_000

export async function openNeighbour(server: TestServer): Promise<Neighbour> {
  const { token } = await server.client.call('createWorkspace', { body: { name: 'Neighbour' } })
  const client = createClient({ base: server.base, token })
  const project = await client.call('createProject', { body: { name: 'Theirs' } })
  const quiet = await client.call('createNotebook', { body: { name: 'Quiet', project: project.id } })
  const { id } = await client.call('openKernel', { params: { id: quiet.id } })
  const port = Number(new URL(server.base).port)

  async function checkSum(): Promise<string | undefined> {
    const begin = performance.now()
    const body = { source: '1 + 1' }
    const { value } = await client.call('execute', { params: { id }, query: { wait: 10 }, body })
    const ms = Math.round(performance.now() - begin)
    if (value !== '2') return `another workspace's 1 + 1 gave ${String(value)}`
    return ms > answerMs ? `another workspace's 1 + 1 took ${ms} ms` : undefined
  }
  async function checkHealth(): Promise<string | undefined> {
    if (server.process.exitCode !== null) return 'the server ended'
    const { status } = await fetch(`${server.base}/api/v1/health`)
    return status === 200 ? undefined : `the server's health is ${status}`
  }
  async function checkConnections(): Promise<string | undefined> {
    for (const end = Date.now() + closingMs; ;) {
      const found = findConnections(server.process.pid!, port)
      if (found.length === 0) return undefined
      if (Date.now() > end) return `the server holds connections: ${found.join(', ')}`
      await new Promise((done) => setTimeout(done, 20))
    }
  }

  await checkSum()
  return {
    client,
    token,
    async check() {
      const faults = [await checkHealth(), await checkSum(), findFile(), await checkConnections()]
      return faults.filter((fault) => fault !== undefined)
    },
  }
}

/** `address:port` in hexadecimal of what the process is connected to, but for those who came to its own port. */
function findConnections(pid: number, port: number): string[] {
  const own = new Set<string>()
  for (const fd of readdirSync(`/proc/${pid}/fd`))
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1]
      if (inode !== undefined) own.add(inode)
    } catch {
      // closed meanwhile
    }
  return ['tcp', 'tcp6'].flatMap((kind) =>
    readFileSync(`/proc/${pid}/net/${kind}`, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => own.has(fields[9] ?? '') && fields[3] !== '0A')
      .filter((fields) => Number.parseInt(fields[1]?.split(':')[1] ?? '', 16) !== port)
      .map((fields) => fields[2] ?? ''),
  )
}
