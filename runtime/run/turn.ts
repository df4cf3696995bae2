/**
 * Turns: of the firings that share a concurrency key, one runs at a time, over all processes. The document of a key
 * names its holder, and is changed only from the holder that was read; a holder that has ended holds nothing, so that
 * a process that dies between two writes leaves no lock behind.
 */
import { isAppError } from '../error.ts'
import type { WorkspaceStore } from '../store/port.ts'
import { digest } from './cause.ts'

const rounds = 20

export function toTurn(key: string): string {
  return `turn_${digest(key)}`
}
/** null: `firing` holds it now; otherwise who does. */
export async function takeTurn(within: WorkspaceStore, turn: string, firing: string): Promise<string | null> {
  let seen = ''
  for (let round = 0; round < rounds; round++) {
    const document = await within.maybe('turns', turn)
    if (!document) {
      try {
        await within.insert('turns', [{ id: turn, holder: firing }])
        return null
      } catch (error) {
        if (!isAppError(error, 'conflict')) throw error
        continue
      }
    }
    const holder = (document['holder'] ?? null) as string | null
    if (holder === firing) return null
    if (holder !== null) {
      seen = holder
      if ((await within.maybe('firings', holder))?.['live'] === true) return holder
    }
    const query = { filter: { id: turn, holder } }
    if (await within.findAndUpdate('turns', query, { set: { holder: firing } })) return null
  }
  return seen
}
export async function leaveTurn(within: WorkspaceStore, turn: string, firing: string): Promise<void> {
  await within.findAndUpdate('turns', { filter: { id: turn, holder: firing } }, { set: { holder: null } })
}
