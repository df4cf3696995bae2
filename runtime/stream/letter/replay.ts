/**
 * Dead letters into the log, under the definition of today. The order of the writes makes it safe to be killed between
 * any two of them and to be asked twice: the note with the ids, the messages in one fenced batch that drops known ids,
 * the note with the result. Whoever is second finds a newer note, or the ids in the log.
 */
import type { LetterResult } from '../../api/letters.ts'
import type { Message, MessageLog, NewMessage } from '../../store/log.ts'
import type { WorkspaceStore } from '../../store/port.ts'
import type { StoredStream } from '../definition.ts'
import type { Record } from '../record.ts'
import type { Written } from '../writer.ts'
import { findNotes, putNote, type LetterNote, type StoredNote } from './note.ts'
import { readLetter } from './read.ts'

export interface ReplayDeps {
  mine: WorkspaceStore
  stream: StoredStream
  now: number
  /** Durable when it resolves: the messages of each letter as a whole, without those whose ids are known. */
  append(groups: Record[][]): Promise<Written[]>
}
interface Wanted {
  letter: Message
  messages: NewMessage[]
  note: StoredNote
  /** Somebody began before and did not end. */
  again: boolean
}
/** Letters that are replayed at once. */
export const lettersAtOnce = 200
const knownIds = 1_000_000
const atOnceBytes = 8_000_000

/** At most `lettersAtOnce`, in the order of the seqs. */
export async function replayLetters(deps: ReplayDeps, seqs: number[]): Promise<LetterResult[]> {
  const { mine, stream } = deps
  const wanted = [...new Set(seqs)].toSorted((a, b) => a - b)
  const notes = await findNotes(mine, stream.id, wanted)
  const results: LetterResult[] = []
  let some: Wanted[] = []
  let bytes = 0
  for await (const letter of readLetters(mine.log, `${stream.id}/dead`, wanted)) {
    const one = await begin(deps, letter, notes.get(letter.seq))
    if ('state' in one) {
      results.push(one)
      continue
    }
    some.push(one)
    bytes += letter.bytes
    if (bytes < atOnceBytes) continue
    results.push(...(await finish(deps, some)))
    some = []
    bytes = 0
  }
  results.push(...(await finish(deps, some)))
  const found = new Set(results.map(({ letter }) => letter))
  for (const letter of wanted)
    if (!found.has(letter))
      results.push({ letter, state: 'failed', reason: 'There is no such dead letter.', seq: null })
  return results.toSorted((a, b) => a.letter - b.letter)
}

async function* readLetters(log: MessageLog, name: string, seqs: number[]): AsyncGenerator<Message> {
  for (let at = 0; at < seqs.length;) {
    const first = seqs[at]!
    const span = seqs.filter((seq) => seq >= first && seq < first + lettersAtOnce)
    const page = await log.read(name, first, span.at(-1)! - first + 1)
    const last = page.at(-1)?.seq ?? first
    yield* page.filter(({ seq }) => span.includes(seq))
    at += span.filter((seq) => seq <= last).length
  }
}

/** Up to the note that says it is being replayed; or what came of it already. */
async function begin(
  { mine, stream, now }: ReplayDeps,
  letter: Message,
  before: StoredNote | undefined,
): Promise<Wanted | LetterResult> {
  const { seq } = letter
  if (before?.state === 'replayed' || before?.state === 'duplicate') return toResult(seq, before)
  const base = { at: now, definition: stream.definition, reason: null, seq: null }
  if (before?.state === 'replaying') {
    const place = await findStored(mine.log, stream.id, before)
    if (place !== undefined) {
      const note: LetterNote = { ...base, state: 'replayed', seq: place, ids: before.ids, from: before.from }
      return toResult(seq, (await putNote(mine, stream.id, seq, note, before)) ?? note)
    }
  }
  const messages = readLetter(stream, letter, now)
  if (typeof messages === 'string') {
    const note: LetterNote = { ...base, state: 'failed', reason: messages, ids: [], from: 0 }
    return toResult(seq, (await putNote(mine, stream.id, seq, note, before)) ?? note)
  }
  const { nextSeq: from } = await mine.log.head(stream.id)
  const ids = messages.map(({ messageId }) => messageId!)
  const note = await putNote(mine, stream.id, seq, { ...base, state: 'replaying', ids, from }, before)
  if (!note) return { letter: seq, state: 'replaying', reason: 'Somebody else is replaying it.', seq: null }
  return { letter, messages, note, again: before?.state === 'replaying' }
}

async function finish(deps: ReplayDeps, wanted: Wanted[]): Promise<LetterResult[]> {
  if (wanted.length === 0) return []
  const { mine, stream } = deps
  const written = await deps.append(wanted.map(({ messages }) => messages.map((message) => ({ message }))))
  return Promise.all(
    wanted.map(async ({ letter, note, again }, i) => {
      const { accepted, firstSeq } = written[i]!
      const isNew = accepted > 0 || again
      const { revision, ...before } = note
      const after: LetterNote = {
        ...before,
        state: isNew ? 'replayed' : 'duplicate',
        seq: accepted > 0 ? firstSeq : null,
      }
      return toResult(letter.seq, (await putNote(mine, stream.id, letter.seq, after, { revision })) ?? after)
    }),
  )
}

/** Where the first of its messages lies, when those of a killed attempt are all in the log. */
async function findStored(log: MessageLog, stream: string, note: LetterNote): Promise<number | undefined> {
  const known = await log.identities(stream, Math.max(note.from, 1), knownIds)
  const places = new Map(known.map(({ messageId, seq }) => [messageId, seq]))
  return note.ids.every((one) => places.has(one)) ? places.get(note.ids[0]!) : undefined
}
function toResult(letter: number, { state, reason, seq }: LetterNote): LetterResult {
  return { letter, state, reason, seq }
}
