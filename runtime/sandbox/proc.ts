/**
 * A child seen from /proc. The process that was spawned is the wrapper: `unshare --fork` waits for the real one, whose
 * pid is among its children. Without /proc (not Linux) there is nothing to read, and usage is 0.
 */
import { readFileSync, readdirSync, statSync } from 'node:fs'

export interface Usage {
  rssBytes: number
  cpuMs: number
}

const pageBytes = 4_096
const ticksPerSecond = 100

/** The process at the end of the chain of only children. */
export function findLeaf(pid: number): number {
  let at = pid
  for (let depth = 0; depth < 4; depth++) {
    let children: string[]
    try {
      children = readFileSync(`/proc/${at}/task/${at}/children`, 'latin1').trim().split(' ').filter(Boolean)
    } catch {
      return at
    }
    if (children.length !== 1) return at
    at = Number(children[0])
  }
  return at
}

/** undefined when it is gone. */
export function readUsage(pid: number): Usage | undefined {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1])
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name in brackets may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const ticks = Number(fields[11]) + Number(fields[12])
    return { rssBytes: pages * pageBytes, cpuMs: (ticks * 1_000) / ticksPerSecond }
  } catch {
    return undefined
  }
}

/** The uids that processes have now, within a range. */
export function findUids(first: number, count: number): Set<number> {
  const uids = new Set<number>()
  let names: string[]
  try {
    names = readdirSync('/proc')
  } catch {
    return uids
  }
  for (const name of names) {
    if (!/^\d+$/.test(name)) continue
    try {
      const { uid } = statSync(`/proc/${name}`)
      if (uid >= first && uid < first + count) uids.add(uid)
    } catch {
      // It ended meanwhile.
    }
  }
  return uids
}
