/** What must hold after every hostile case, whatever the case did. Each check answers with a fault or undefined. */
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sandbox, Sandboxes } from '../../runtime/sandbox/port.ts'
import { firstUid, uidCount } from '../../runtime/sandbox/wrapper.ts'

export interface Invariants {
  /** The faults; none when all is well. */
  check(subject: Sandbox): Promise<string[]>
  /** Where there is no kernel to look at: another workspace answers, no file was left. */
  checkOthers(): Promise<string[]>
  close(): Promise<void>
}

/** `1 + 1` of the neighbour, another workspace, is answered within this. */
const neighbourMs = 1_000
const limits = { wallMs: 2_000, cpuMs: 1_000 }

export async function openInvariants(sandboxes: Sandboxes): Promise<Invariants> {
  const neighbour = await sandboxes.open({ workspace: 'neighbour', host: {}, onOutput: () => undefined })
  await neighbour.execute({ id: 'n', label: 'n', source: '1 + 1' })

  async function checkNeighbour(): Promise<string | undefined> {
    const started = performance.now()
    const { value } = await neighbour.execute({ id: 'n', label: 'n', source: '1 + 1' }, limits)
    const ms = Math.round(performance.now() - started)
    if (value !== '2') return `another workspace's 1 + 1 gave ${value}`
    return ms > neighbourMs ? `another workspace's 1 + 1 took ${ms} ms` : undefined
  }

  async function checkSubject(subject: Sandbox): Promise<string | undefined> {
    if (isDead(subject))
      return (await isGone(subject.pid)) ? undefined : `the child ${subject.pid} is dead but still there`
    const { status, error } = await subject.execute({ id: 'n', label: 'n', source: 'void 0' }, limits)
    if (status === 'ok' || isDead(subject)) return undefined
    return `the child lives but its next cell ended as ${status}: ${error?.message}`
  }

  return {
    async check(subject) {
      const faults = [await checkSubject(subject), await checkNeighbour(), findFile(), findSocket(subject)]
      return faults.filter((fault) => fault !== undefined)
    },
    async checkOthers() {
      return [await checkNeighbour(), findFile()].filter((fault) => fault !== undefined)
    },
    close: () => neighbour.close(),
  }
}

function isDead(subject: Sandbox): boolean {
  return subject.state === 'dead'
}

/** Gone, or a zombie that its parent has yet to reap. */
export async function isGone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 100; tries++) {
    if (!existsSync(`/proc/${pid}`) || /^State:\s+[ZX]/m.test(readOr(`/proc/${pid}/status`))) return true
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return false
}

/** A file that a sandbox's uid owns, where anybody may write. */
export function findFile(): string | undefined {
  for (const folder of [tmpdir(), '/var/tmp', '/dev/shm', '/'])
    for (const name of existsSync(folder) ? readdirSync(folder) : []) {
      const path = join(folder, name)
      try {
        const { uid } = lstatSync(path)
        if (uid >= firstUid && uid < firstUid + uidCount) return `a sandbox made the file ${path}`
      } catch {
        // It is gone meanwhile.
      }
    }
  return undefined
}

/** More sockets than the three pipes, or anything in its own network. */
function findSocket(subject: Sandbox): string | undefined {
  if (subject.state === 'dead') return undefined
  const fds = `/proc/${subject.pid}/fd`
  const sockets = (existsSync(fds) ? readdirSync(fds) : []).filter((fd) => {
    try {
      return readlinkSync(join(fds, fd)).startsWith('socket:')
    } catch {
      return false
    }
  })
  if (sockets.length > 3) return `the child has ${sockets.length} sockets`
  if (readOr(`/proc/${subject.pid}/ns/net`) === '' && sameNetwork(subject.pid)) return undefined
  const connections = ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((kind) =>
    readOr(`/proc/${subject.pid}/net/${kind}`).trim().split('\n').slice(1),
  )
  return connections.length > 0 ? `the child's network has ${connections.length} connections` : undefined
}

function sameNetwork(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`) === readlinkSync('/proc/self/ns/net')
  } catch {
    return true
  }
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
