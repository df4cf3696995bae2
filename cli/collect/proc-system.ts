/** Texts of /proc about the whole machine, as numbers: proc(5). Pure; what a kernel does not tell is left out. */

export interface CpuTimes {
  /** Ticks. */
  busy: number
  all: number
}
export interface SystemStat {
  /** `cpu` for all of them, then `cpu0`, `cpu1` and so on. */
  cpus: Map<string, CpuTimes>
  running: number
  blocked: number
}
export function parseStat(text: string): SystemStat {
  const cpus = new Map<string, CpuTimes>()
  const values = new Map<string, number>()
  for (const line of text.split('\n')) {
    const [name = '', ...fields] = line.split(/\s+/)
    if (!/^cpu\d*$/.test(name)) {
      values.set(name, Number(fields[0]))
      continue
    }
    // Guest time is in user and nice already.
    const ticks = fields.slice(0, 8).map(Number)
    const all = ticks.reduce((sum, one) => sum + one, 0)
    cpus.set(name, { all, busy: all - (ticks[3] ?? 0) - (ticks[4] ?? 0) })
  }
  return { cpus, running: values.get('procs_running') ?? 0, blocked: values.get('procs_blocked') ?? 0 }
}

/** Of meminfo in bytes, of vmstat as they are. */
export function parseFields(text: string): Map<string, number> {
  const fields = new Map<string, number>()
  for (const line of text.split('\n')) {
    const found = /^([\w()]+):?\s+(\d+)( kB)?$/.exec(line.trim())
    if (found) fields.set(found[1]!, Number(found[2]) * (found[3] ? 1024 : 1))
  }
  return fields
}

export interface Disk {
  name: string
  readBytes: number
  writtenBytes: number
  busyMs: number
  /** Milliseconds of all requests together: its growth by time is the mean length of the queue. */
  waitedMs: number
}
const sector = 512
/** Whole disks: partitions would count twice, loops and RAM disks are none. */
export function parseDisks(text: string): Disk[] {
  const disks: Disk[] = []
  for (const line of text.split('\n')) {
    const [, , name = '', ...fields] = line.trim().split(/\s+/)
    if (fields.length < 11 || /^(loop|ram|zram|fd|sr|dm-|md)\d*/.test(name)) continue
    if (/^(sd[a-z]+|vd[a-z]+|hd[a-z]+|xvd[a-z]+)\d+$|^(nvme\d+n\d+|mmcblk\d+)p\d+$/.test(name)) continue
    const number = fields.map(Number)
    disks.push({
      name,
      readBytes: number[2]! * sector,
      writtenBytes: number[6]! * sector,
      busyMs: number[9]!,
      waitedMs: number[10]!,
    })
  }
  return disks
}

export interface Interface {
  name: string
  bytes: number
  errors: number
  dropped: number
}
export function parseNetworks(text: string): Interface[] {
  return text.split('\n').flatMap((line) => {
    const [name, rest] = line.split(':')
    const fields = rest?.trim().split(/\s+/).map(Number) ?? []
    if (!name || fields.length < 16 || name.includes('|')) return []
    return [
      {
        name: name.trim(),
        bytes: fields[0]! + fields[8]!,
        errors: fields[2]! + fields[10]!,
        // Also what a full queue of the device threw away.
        dropped: fields[3]! + fields[4]! + fields[11]! + fields[12]!,
      },
    ]
  })
}

/** The share of the last ten seconds in which some task waited, 0 to 1; null where the kernel has no such file. */
export function parsePressure(text: string): number | null {
  const found = /^some avg10=([\d.]+)/m.exec(text)
  return found ? Number(found[1]) / 100 : null
}
