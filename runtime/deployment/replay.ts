/**
 * A stretch of streams through the handlers of a processing notebook, once: what a plain run of it does. Messages go in
 * the order in which they arrived, as they do live, and the windows that are open at the end fire. Nothing is
 * committed: the rows are the result, and actions go to the ledger as the run's when their handler call ended well.
 * With the replies of a deployment, what it did over the stretch is done again, bit for bit.
 */
import type { Actions } from '../action/actions.ts'
import { AppError } from '../error.ts'
import type { JsonObject } from '../json.ts'
import type { Passage, Stretch } from '../run/services.ts'
import type { Message, Row } from '../store/log.ts'
import type { Store, WorkspaceStore } from '../store/port.ts'
import { mergeArrival } from './arrival.ts'
import type { Caller } from './handler.ts'
import { streamsOf } from './input.ts'
import { modelKind } from './learner.ts'
import { defaultLimits } from './ports.ts'
import { createProcessor } from './processor.ts'
import { findByEventTime, resolveInput } from './start.ts'
import { toCut } from './step.ts'

export interface ReplayDeps {
  store: Pick<Store, 'in'>
  actions: Pick<Actions, 'recordEntry'>
}

/** Of event time, or of seqs. */
export type EventStretch = Exclude<Stretch, { action: string }>

/** As live, so that batches are cut alike. */
const { readMessages } = defaultLimits
const maxRows = 10_000
/** So many messages in a row beyond the end of the stretch end the search for more. */
const beyond = 5000

export async function replay(
  { store, actions }: ReplayDeps,
  passage: Passage & { stretch: EventStretch },
  caller: Caller,
): Promise<{ result: JsonObject; messages: number }> {
  const { workspace, notebook, run, registrations, stretch, signal } = passage
  const within = store.in(workspace)
  const inputs = await Promise.all(registrations.map((one, index) => resolveInput(within, one, index)))
  const processor = createProcessor({ deployment: null, run, notebook, inputs, caller })
  const rows = new Map<string, Row>()
  let messages = 0
  async function take(): Promise<void> {
    const changes = processor.take()
    for (const { id } of changes.gone) rows.delete(id)
    for (const row of changes.rows) rows.set(row.id, row)
    if (rows.size > maxRows)
      throw new AppError(
        'too-large',
        `The stretch gives more than ${maxRows} rows. Choose a shorter one, or deploy the notebook.`,
      )
    // what it learned is not published: a version of a stretch would stand beside that of the live stream
    for (const entry of changes.outbox)
      if (entry.kind !== modelKind) await actions.recordEntry(workspace, entry)
  }
  const streams = [
    ...new Map(inputs.flatMap(streamsOf).map((stream) => [stream.id, stream])).values(),
  ].filter(({ id, name }) => !('stream' in stretch) || stretch.stream === id || stretch.stream === name)
  const merged = mergeArrival(
    streams.map(({ id }) => ({ stream: id, pages: readStretch(within, id, stretch) })),
  )
  for await (const { stream, message, cut } of merged) {
    if (signal.aborted) throw new AppError('cancelled', 'The run was cancelled.')
    await processor.add(message, stream)
    messages += 1
    if (!cut) continue
    await processor.flush(stream)
    await take()
  }
  await processor.end()
  await take()
  const result = [...rows.values()].toSorted((a, b) => a.end - b.end || a.start - b.start)
  return { result: { rows: result.map((row) => ({ ...row })) }, messages }
}

async function* readStretch(
  store: WorkspaceStore,
  stream: string,
  stretch: EventStretch,
): AsyncGenerator<Message[]> {
  const head = await store.log.head(stream)
  if ('stream' in stretch) {
    const end = Math.min(head.nextSeq, stretch.toSeq + 1)
    yield* readSeqs(store, stream, Math.max(head.firstSeq, stretch.fromSeq), end)
    return
  }
  const { from, to } = stretch
  let outside = 0
  const first = await findByEventTime(store.log, stream, from)
  for await (const messages of readSeqs(store, stream, Math.max(head.firstSeq, first), head.nextSeq)) {
    const wanted = messages.filter(({ eventTime }) => eventTime >= from && eventTime < to)
    if (wanted.length > 0) yield wanted
    outside = messages.every(({ eventTime }) => eventTime >= to) ? outside + messages.length : 0
    if (outside >= beyond) return
  }
}

/** Half-open. */
async function* readSeqs(
  store: WorkspaceStore,
  stream: string,
  from: number,
  end: number,
): AsyncGenerator<Message[]> {
  for (let next = from; next < end;) {
    const found = await store.log.read(stream, next, Math.min(readMessages, end - next))
    const [first] = found
    if (!first) return
    const cut = Math.min(end, toCut(first.seq, readMessages))
    const messages = found.filter(({ seq }) => seq < cut)
    const last = messages.at(-1)
    if (!last) return
    next = last.seq + 1
    yield messages
  }
}
