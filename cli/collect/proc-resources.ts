/**
 * Utilisation, saturation and errors of each resource, from two readings of /proc: the USE method (Brendan Gregg,
 * "Thinking Methodically about Performance", ACM Queue 10/12, 2012). What cannot be known is null, not zero. Pure.
 */
import type { Resource } from '../../runtime/api/probe-message.ts'
import type { Disk, Interface, SystemStat } from './proc-system.ts'

export interface SystemReading {
  /** ms */
  at: number
  stat: SystemStat
  /** /proc/meminfo in bytes, /proc/vmstat. */
  memory: ReadonlyMap<string, number>
  virtual: ReadonlyMap<string, number>
  disks: readonly Disk[]
  networks: readonly Interface[]
  /** Bytes a second that the link can carry each way, where the device tells. */
  speeds: ReadonlyMap<string, number>
  /** By /proc/pressure file; empty where the kernel has none. */
  pressures: ReadonlyMap<string, number>
}

export function toResources(before: SystemReading, now: SystemReading): Resource[] {
  const seconds = Math.max(0.001, (now.at - before.at) / 1000)
  const none = { utilisation: null, saturation: null, saturationUnit: '', errors: null, rate: null }
  return [
    ...toCpus(before, now),
    ...toMemory(before, now, seconds),
    ...now.disks.slice(0, 64).flatMap((disk): Resource[] => {
      const old = before.disks.find(({ name }) => name === disk.name)
      if (!old) return []
      const moved = grown(disk.readBytes, old.readBytes) + grown(disk.writtenBytes, old.writtenBytes)
      return [
        {
          ...none,
          kind: 'disk',
          name: disk.name,
          utilisation: share(grown(disk.busyMs, old.busyMs), seconds * 1000),
          saturation: grown(disk.waitedMs, old.waitedMs) / (seconds * 1000),
          saturationUnit: 'requests waiting or served',
          rate: moved / seconds,
        },
      ]
    }),
    ...now.networks.slice(0, 64).flatMap((network): Resource[] => {
      const old = before.networks.find(({ name }) => name === network.name)
      if (!old) return []
      const rate = grown(network.bytes, old.bytes) / seconds
      const speed = now.speeds.get(network.name)
      return [
        {
          kind: 'network',
          name: network.name,
          utilisation: speed ? share(rate, speed) : null,
          saturation: grown(network.dropped, old.dropped) / seconds,
          saturationUnit: 'dropped packets a second',
          errors: grown(network.errors, old.errors) / seconds,
          rate,
        },
      ]
    }),
    ...[...now.pressures].map(([name, stalled]): Resource => ({
      ...none,
      kind: 'pressure',
      name,
      saturation: stalled,
      saturationUnit: 'share of the last 10 s with a task waiting',
    })),
  ]
}

function toCpus(before: SystemReading, now: SystemReading): Resource[] {
  const cores = Math.max(1, now.stat.cpus.size - 1)
  return [...now.stat.cpus].flatMap(([name, times]): Resource[] => {
    const old = before.stat.cpus.get(name)
    if (!old) return []
    return [
      {
        kind: 'cpu',
        name,
        utilisation: share(grown(times.busy, old.busy), grown(times.all, old.all)),
        // Who runs needs no queue: only what is beyond the cores waits.
        saturation: name === 'cpu' ? Math.max(0, now.stat.running - cores) : null,
        saturationUnit: name === 'cpu' ? 'tasks waiting for a core' : '',
        errors: null,
        rate: null,
      },
    ]
  })
}

function toMemory(before: SystemReading, now: SystemReading, seconds: number): Resource[] {
  const read = (name: string): number | undefined => now.memory.get(name)
  const rateOf = (...names: string[]): number =>
    names.reduce((sum, name) => sum + grown(now.virtual.get(name) ?? 0, before.virtual.get(name) ?? 0), 0) /
    seconds
  const total = read('MemTotal')
  const available = read('MemAvailable')
  const swap = read('SwapTotal')
  const memory: Resource = {
    kind: 'memory',
    name: 'memory',
    utilisation: total && available !== undefined ? share(total - available, total) : null,
    saturation: rateOf('pgscan_direct', 'pgscan_kswapd'),
    saturationUnit: 'pages scanned for reclaim a second',
    errors: now.virtual.has('oom_kill') ? rateOf('oom_kill') : null,
    rate: null,
  }
  if (!swap) return [memory]
  return [
    memory,
    {
      kind: 'swap',
      name: 'swap',
      utilisation: share(swap - (read('SwapFree') ?? swap), swap),
      saturation: rateOf('pswpin', 'pswpout'),
      saturationUnit: 'pages swapped a second',
      errors: null,
      rate: null,
    },
  ]
}

/** A counter that fell began anew. */
export function grown(now: number, before: number): number {
  return now >= before ? now - before : now
}
function share(part: number, whole: number): number | null {
  return whole > 0 ? Math.min(1, Math.max(0, part / whole)) : null
}
