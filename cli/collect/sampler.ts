/**
 * Reads /proc and tells what changed since the reading before. It owns that reading alone. Files of /proc are made in
 * memory as they are read, so they are read synchronously: that is faster than a turn through the thread pool for each.
 * A process that ends between two steps is left out; a file that may not be read is as if it were not there.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import type { Process, Reading } from '../../runtime/api/probe-message.ts'
import { parseIo, parseProcess, parseSocketLink, type ProcessIo, type ProcessStat } from './proc-process.ts'
import { grown, toResources, type SystemReading } from './proc-resources.ts'
import { parseSockets, toLinks } from './proc-socket.ts'
import { parseDisks, parseFields, parseNetworks, parsePressure, parseStat } from './proc-system.ts'
import { quantize, quantizeLinear } from './quantize.ts'

export interface SamplerOptions {
  /** /proc and /sys, or a recorded folder. */
  proc?: string
  sys?: string
  now: () => number
  ticksPerSecond?: number
  pageBytes?: number
}
interface Seen {
  machine: SystemReading
  processes: Map<string, ProcessStat & { io: ProcessIo | undefined }>
}
const maxProcesses = 50
const maxLinks = 200
const maxDescriptors = 50_000

/** Each call is one reading; the first has nothing to compare with and tells links alone. */
export function createSampler(options: SamplerOptions): () => Reading[] {
  const { proc = '/proc', sys = '/sys', now, ticksPerSecond = 100, pageBytes = 4096 } = options
  let before: Seen | undefined
  const read = (path: string): string => attempt(() => readFileSync(path, 'utf8')) ?? ''

  function readSystem(): SystemReading {
    const networks = parseNetworks(read(`${proc}/net/dev`))
    const told = networks.map(({ name }) => [name, Number(read(`${sys}/class/net/${name}/speed`))] as const)
    const pressures = ['cpu', 'memory', 'io'].flatMap((name) => {
      const found = parsePressure(read(`${proc}/pressure/${name}`))
      return found === null ? [] : [[name, found] as const]
    })
    return {
      at: now(),
      stat: parseStat(read(`${proc}/stat`)),
      memory: parseFields(read(`${proc}/meminfo`)),
      virtual: parseFields(read(`${proc}/vmstat`)),
      disks: parseDisks(read(`${proc}/diskstats`)),
      networks,
      speeds: new Map(
        told.filter(([, mbit]) => mbit > 0).map(([name, mbit]) => [name, (mbit * 1_000_000) / 8]),
      ),
      pressures: new Map(pressures),
    }
  }
  function readProcesses(): Seen['processes'] {
    const found: Seen['processes'] = new Map()
    for (const pid of findPids()) {
      const stat = parseProcess(read(`${proc}/${pid}/stat`))
      if (stat)
        found.set(`${stat.pid} ${stat.startedAt}`, { ...stat, io: parseIo(read(`${proc}/${pid}/io`)) })
    }
    return found
  }
  const findPids = (): string[] =>
    (attempt(() => readdirSync(proc)) ?? []).filter((name) => /^\d+$/.test(name))

  function readLinks(processes: Seen['processes']): Reading {
    const owners = new Map<string, string>()
    let left = maxDescriptors
    for (const { pid, name } of processes.values()) {
      const descriptors = attempt(() => readdirSync(`${proc}/${pid}/fd`)) ?? []
      for (const descriptor of descriptors) {
        if (left-- <= 0) break
        const target = attempt(() => readlinkSync(`${proc}/${pid}/fd/${descriptor}`))
        const inode = target === undefined ? undefined : parseSocketLink(target)
        if (inode !== undefined) owners.set(inode, `${name} ${pid}`)
      }
    }
    const sockets = ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((table) =>
      parseSockets(read(`${proc}/net/${table}`)),
    )
    return { kind: 'links', unit: 'connections', items: toLinks(sockets, owners).slice(0, maxLinks) }
  }

  return () => {
    const seen: Seen = { machine: readSystem(), processes: readProcesses() }
    const links = readLinks(seen.processes)
    const old = before
    before = seen
    if (!old) return [links]
    const seconds = Math.max(0.001, (seen.machine.at - old.machine.at) / 1000)
    const processes = [...seen.processes].map(([key, one]): Process => {
      const last = old.processes.get(key)
      const rateOf = (part: 'read' | 'written'): number | null =>
        one.io && last?.io ? grown(one.io[part], last.io[part]) / seconds : null
      return {
        pid: one.pid,
        name: one.name,
        cpu: last ? grown(one.ticks, last.ticks) / ticksPerSecond / seconds : 0,
        memory: one.residentPages * pageBytes,
        read: rateOf('read'),
        written: rateOf('written'),
      }
    })
    const resources = toResources(old.machine, seen.machine)
    return [
      { kind: 'resources', items: resources },
      { kind: 'processes', items: takeTop(processes) },
      links,
      ...toHistograms(processes, resources),
    ]
  }
}

/** The largest by CPU, then by memory. */
function takeTop(processes: readonly Process[]): Process[] {
  return processes.toSorted((a, b) => b.cpu - a.cpu || b.memory - a.memory).slice(0, maxProcesses)
}

function toHistograms(
  processes: readonly Process[],
  resources: readonly { kind: string; name: string; utilisation: number | null }[],
): Reading[] {
  const cores = resources.flatMap(({ kind, name, utilisation }) =>
    kind === 'cpu' && name !== 'cpu' && utilisation !== null ? [Math.min(99.9, utilisation * 100)] : [],
  )
  const rates = (part: 'read' | 'written'): number[] =>
    processes.flatMap((one) => (one[part] ? [one[part] / 1024] : []))
  return [
    {
      kind: 'histogram',
      name: 'processes',
      scale: 'log2',
      total: false,
      items: [
        { key: ['CPU, ms a second'], values: processes.map(({ cpu }) => cpu * 1000).filter((ms) => ms > 0) },
        { key: ['memory, MB'], values: processes.map(({ memory }) => memory / 1_048_576) },
        { key: ['read, KB a second'], values: rates('read') },
        { key: ['written, KB a second'], values: rates('written') },
      ].map(({ key, values }) => ({ key, buckets: quantize(values) })),
    },
    {
      kind: 'histogram',
      name: 'cores',
      scale: 'linear',
      total: false,
      items: [{ key: ['utilisation, %'], buckets: quantizeLinear(cores, 10) }],
    },
  ]
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
