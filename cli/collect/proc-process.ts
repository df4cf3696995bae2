/** Texts of /proc/PID, as numbers. Pure. */

export interface ProcessStat {
  pid: number
  name: string
  /** Ticks of CPU in user and kernel since it began. */
  ticks: number
  threads: number
  /** Ticks after boot: with the pid, what tells a process from a later one of the same number. */
  startedAt: number
  residentPages: number
}
/** A name may hold spaces and parentheses: it ends at the last one. */
export function parseProcess(text: string): ProcessStat | undefined {
  const open = text.indexOf('(')
  const close = text.lastIndexOf(')')
  if (open < 0 || close < open) return undefined
  const fields = text.slice(close + 2).split(' ')
  const number = (field: number): number => Number(fields[field - 3])
  if (fields.length < 22) return undefined
  return {
    pid: Number(text.slice(0, open)),
    name: text.slice(open + 1, close),
    ticks: number(14) + number(15),
    threads: number(20),
    startedAt: number(22),
    residentPages: number(24),
  }
}

export interface ProcessIo {
  read: number
  written: number
}
/** What really went to and from disks. */
export function parseIo(text: string): ProcessIo | undefined {
  const read = /^read_bytes: (\d+)$/m.exec(text)?.[1]
  const written = /^write_bytes: (\d+)$/m.exec(text)?.[1]
  if (read === undefined || written === undefined) return undefined
  return { read: Number(read), written: Number(written) }
}
/** Of what a file descriptor links to: `socket:[123]`. */
export function parseSocketLink(target: string): string | undefined {
  return /^socket:\[(\d+)\]$/.exec(target)?.[1]
}
