/**
 * Shown tables that are longer than their output: the rest of the rows goes to the host, which answers a reference for
 * the output. A table that came from the host and was not touched is kept there without its bytes crossing again. A cell
 * ends when all of its tables have arrived; what could not be kept is shown with its first rows and the reason.
 */
import type { Json } from '../../json.ts'
import type { Bridge } from '../bridge.ts'
import type { CallWith } from './payload.ts'
import { GuestTable } from './table.ts'

export interface Kept {
  ref?: string
  /** Why there is none. */
  note?: string
}
export interface Keeper {
  /** Calls back when the table has arrived; never rejects. */
  keep(table: GuestTable, then: (kept: Kept) => void): Promise<void>
  /** Resolves when nothing is on its way; undefined when nothing was. */
  settle(): Promise<void> | undefined
}

const maxPerCell = 20

export function createKeeper(bridge: Bridge, callWith: CallWith): Keeper {
  const onTheirWay = new Set<Promise<void>>()
  let count = 0

  async function send(table: GuestTable): Promise<Kept> {
    const head = {
      names: [...table.names],
      types: table.names.map((name) => table.types[name]!),
      rows: table.length,
    }
    const from = GuestTable.sourceOf(table)
    if (from !== undefined) {
      const { ref } = (await bridge.call('tables.keep', [{ ...head, from }])).value as { ref: string | null }
      if (ref !== null) return { ref }
    }
    const answer = await callWith('tables.keep', [head as unknown as Json], GuestTable.toFrames(table))
    const { ref } = answer.value as { ref: string | null }
    return ref === null ? {} : { ref }
  }
  return {
    keep(table, then) {
      if (bridge.inHandler()) return Promise.resolve()
      count += 1
      if (count > maxPerCell) {
        then({ note: `Of one cell ${maxPerCell} tables are kept whole.` })
        return Promise.resolve()
      }
      const sent = send(table).then(then, (error: unknown) => {
        then({ note: error instanceof Error ? error.message.slice(0, 500) : 'The rows could not be kept.' })
      })
      const done = sent
        .catch(() => undefined) // an output over its budget is counted there
        .finally(() => onTheirWay.delete(done))
      onTheirWay.add(done)
      return done
    },
    settle() {
      count = 0
      if (onTheirWay.size === 0) return undefined
      return Promise.all(onTheirWay).then(() => undefined)
    },
  }
}
