/**
 * Whether the disk has room for more messages, with hysteresis: ingest stops below `low` and goes on above `high`, so
 * that it does not stop and start with each message. The backlog stays at the broker meanwhile.
 */
import { statfs } from 'node:fs/promises'

const low = 500_000_000
const high = 1_000_000_000
const usualMs = 5000

export function createGate(bounds = { low, high }): (free: number) => boolean {
  let open = true
  return (free) => {
    open = open ? free >= bounds.low : free >= bounds.high
    return open
  }
}

/** Tells when it changes: null, or why nothing is taken. */
export function watchRoom(
  folder: string,
  onChange: (reason: string | null) => void,
  measure: (folder: string) => Promise<number> = findFree,
  everyMs = usualMs,
): { close(): void } {
  const gate = createGate()
  let was = true
  const look = (): void => {
    measure(folder).then(
      (free) => {
        const open = gate(free)
        if (open !== was)
          onChange(
            open
              ? null
              : `The disk has ${Math.round(free / 1e6)} MB left: nothing is taken from the broker until there is 1 GB.`,
          )
        was = open
      },
      () => undefined, // a folder that cannot be looked at is no reason to stop
    )
  }
  look()
  const timer = setInterval(look, everyMs)
  return { close: () => clearInterval(timer) }
}

async function findFree(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}
