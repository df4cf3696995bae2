/**
 * The live events of a kernel: first what there is (`kernel`, the last `execution` of each cell, `output` after the seq
 * that the client has), then what happens, in order. A client that fell behind gets the snapshot again; an output
 * comes once.
 */
import type { Output } from '../api/runs.ts'
import { collapse } from '../notebook/output.ts'
import type { Kernel } from './kernel.ts'
import type { OutputStore } from './outputs.ts'
import type { RunEvent } from './run-events.ts'

interface Snapshot {
  /** Where the feed goes on. */
  place: number
  kernel: Kernel['view']
  executions: unknown[]
  outputs: { items: Output[]; lastSeq: number }
}

async function snapshot(kernel: Kernel, store: OutputStore, after: number): Promise<Snapshot> {
  // At one instant: the place in the feed, the outputs in memory, and up to where the store counts.
  const place = kernel.feed.end
  const view = kernel.view
  const executions = kernel.summaries
  const live = kernel.executions.flatMap(({ journal }) =>
    journal ? [{ journal, items: journal.items() }] : [],
  )
  const running = new Set(kernel.executions.filter(({ journal }) => journal).map(({ cell }) => cell))
  const { workspace, notebook } = kernel.options
  const stored = await store.find(workspace, notebook.id, 0)
  const kept = stored.items.filter(({ cell, seq }) => seq <= view.lastSeq && !running.has(cell))
  const all = [...kept, ...live.flatMap((part) => part.items)].toSorted((a, b) => a.seq - b.seq)
  const items = kernel.inputs.apply(collapse(all))
  return {
    place,
    kernel: view,
    executions,
    outputs: { items: items.filter(({ seq }) => seq > after), lastSeq: view.lastSeq },
  }
}

async function* follow(
  kernel: Kernel,
  store: OutputStore,
  lastSeq: number,
  signal: AbortSignal,
  isKnown: () => boolean,
): AsyncIterable<RunEvent> {
  let seen = lastSeq
  let place = -1
  while (!signal.aborted) {
    const events = kernel.feed.from(place)
    if (!events || place < 0) {
      const now = await snapshot(kernel, store, seen)
      place = now.place
      yield { event: 'kernel', data: now.kernel }
      for (const execution of now.executions) yield { event: 'execution', data: execution }
      if (kernel.people.length > 0) yield { event: 'presence', data: { people: kernel.people } }
      // What the client has of before may have been changed since.
      for (const value of kernel.inputs.values) yield { event: 'input', data: value }
      for (const output of now.outputs.items) {
        seen = Math.max(seen, output.seq)
        yield { id: String(output.seq), event: 'output', data: output }
      }
      seen = Math.max(seen, now.outputs.lastSeq)
      continue
    }
    for (const event of events) {
      place += 1
      if (event.id !== undefined) {
        if (Number(event.id) <= seen) continue
        seen = Number(event.id)
      }
      yield event
    }
    if (!isKnown() && place >= kernel.feed.end) return
    await kernel.feed.next(place, signal)
  }
}

export const kernelEvents = { snapshot, follow }
