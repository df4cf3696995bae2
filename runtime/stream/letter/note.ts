/**
 * What came of a dead letter: a document beside it, by its seq. The letter itself never changes. A note is written
 * before its messages are (`replaying`, with the ids that they get and the seq from which on they can lie) and again
 * when they are durable, so that whoever comes after a kill finds them instead of adding them again.
 */
import { isAppError } from '../../error.ts'
import type { JsonObject } from '../../json.ts'
import type { Document, WorkspaceStore } from '../../store/port.ts'

export type LetterState = 'replaying' | 'replayed' | 'duplicate' | 'failed'
export interface LetterNote {
  state: LetterState
  at: number
  /** Version of the definition that read it again. */
  definition: number
  /** Why it failed again. */
  reason: string | null
  /** Of its first message, once that is in the log. */
  seq: number | null
  ids: string[]
  /** The stream's next seq when it began. */
  from: number
}
export interface StoredNote extends LetterNote {
  revision: number
}

const width = 16
export function toNoteId(stream: string, letter: number): string {
  return `${stream}.${String(letter).padStart(width, '0')}`
}
/** All notes of a stream. */
export function toNoteIds(stream: string): { $gte: string; $lt: string } {
  return { $gte: `${stream}.`, $lt: `${stream}/` }
}

export async function findNotes(
  mine: WorkspaceStore,
  stream: string,
  letters: number[],
): Promise<Map<number, StoredNote>> {
  if (letters.length === 0) return new Map()
  const ids = letters.map((seq) => toNoteId(stream, seq))
  const { items } = await mine.find('letters', { filter: { id: { $in: ids } }, limit: 1000 })
  return new Map(items.map((one) => [Number(one.id.slice(-width)), toNote(one)]))
}
function toNote({ id: _, ...rest }: Document): StoredNote {
  return rest as unknown as StoredNote
}

/** undefined: somebody else wrote there since `before` was read, or the retention took it. */
export async function putNote(
  mine: WorkspaceStore,
  stream: string,
  letter: number,
  note: LetterNote,
  before: { revision: number } | undefined,
): Promise<StoredNote | undefined> {
  const content = { ...note } as unknown as JsonObject
  const id = toNoteId(stream, letter)
  try {
    return toNote(
      before
        ? await mine.update('letters', id, { set: content }, before.revision)
        : (await mine.insert('letters', [{ id, ...content }]))[0]!,
    )
  } catch (error) {
    if (isAppError(error) && ['stale', 'conflict', 'not-found'].includes(error.code)) return undefined
    throw error
  }
}
