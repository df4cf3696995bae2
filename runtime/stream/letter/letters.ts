/** Dead letters as lists: a page for people, newest first, and what a replay has to do next, oldest first. */
import type { z } from 'zod'
import type { deadLetter } from '../../api/letters.ts'
import type { Message } from '../../store/log.ts'
import type { Page, WorkspaceStore } from '../../store/port.ts'
import { lastBelow, toMessageView } from '../reading.ts'
import { encodingHeader, reasonHeader } from '../record.ts'
import { findNotes, type StoredNote } from './note.ts'
import { lettersAtOnce } from './replay.ts'

export type DeadLetterView = z.input<typeof deadLetter>
export interface LetterFilter {
  /** Its reason, the newest one, has this in it; case does not count. */
  reason?: string | undefined
  /** Not replayed yet. */
  open?: boolean | undefined
}
/** Letters that one call looks at to find those that a filter takes. */
const lookedAt = 2000
const pageOf = 200

function toView(one: Message, note: StoredNote | undefined): DeadLetterView {
  const { [reasonHeader]: reason, ...headers } = one.headers
  const raw = typeof one.body === 'string' ? one.body : JSON.stringify(one.body)
  return {
    ...toMessageView(one),
    headers,
    body: null,
    reason: note?.reason ?? String(reason ?? ''),
    raw,
    encoding: headers[encodingHeader] === 'base64' ? 'base64' : 'utf-8',
    replay: note
      ? { state: note.state, at: note.at, definition: note.definition, seq: note.seq, reason: note.reason }
      : null,
  }
}
function takes({ reason, open }: LetterFilter, letter: DeadLetterView): boolean {
  if (open === true && (letter.replay?.state === 'replayed' || letter.replay?.state === 'duplicate'))
    return false
  return reason === undefined || letter.reason.toLowerCase().includes(reason.toLowerCase())
}
async function toViews(mine: WorkspaceStore, stream: string, letters: Message[]): Promise<DeadLetterView[]> {
  const notes = await findNotes(
    mine,
    stream,
    letters.map(({ seq }) => seq),
  )
  return letters.map((one) => toView(one, notes.get(one.seq)))
}

/** A page may be shorter than its limit, or empty, where a filter takes few: the cursor goes on. */
export async function findLetters(
  mine: WorkspaceStore,
  stream: string,
  filter: LetterFilter & { limit: number; below: number | undefined },
): Promise<Page<DeadLetterView>> {
  const { limit } = filter
  const name = `${stream}/dead`
  const { firstSeq } = await mine.log.head(name)
  const items: DeadLetterView[] = []
  let below = filter.below
  for (let looked = 0; looked < lookedAt && items.length < limit;) {
    const letters = await lastBelow(mine.log, name, Math.min(limit, pageOf), below)
    if (letters.length === 0) return { items, nextCursor: null }
    looked += letters.length
    for (const view of await toViews(mine, stream, letters)) {
      below = view.seq
      if (takes(filter, view)) items.push(view)
      if (items.length === limit) break
    }
  }
  return { items, nextCursor: below !== undefined && below > firstSeq ? String(below) : null }
}

/** The next open letters from `from` on that the filter takes, and where to go on; null: there are no more. */
export async function findOpen(
  mine: WorkspaceStore,
  stream: string,
  filter: LetterFilter,
  from: number,
): Promise<{ seqs: number[]; next: number | null }> {
  const name = `${stream}/dead`
  const { nextSeq } = await mine.log.head(name)
  const seqs: number[] = []
  let next = from
  for (let looked = 0; looked < lookedAt && next < nextSeq;) {
    const letters = await mine.log.read(name, next, pageOf)
    if (letters.length === 0) break
    looked += letters.length
    for (const view of await toViews(mine, stream, letters)) {
      if (seqs.length === lettersAtOnce) return { seqs, next }
      next = view.seq + 1
      if (takes({ ...filter, open: true }, view)) seqs.push(view.seq)
    }
  }
  return { seqs, next: next < nextSeq ? next : null }
}
