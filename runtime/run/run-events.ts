/**
 * The live events of one run: `output` with its seq as id, `state` with the run. Waking comes from the bus, content from
 * the job in this process or from the store, so nothing is lost between two events and a client resumes by seq.
 */
import type { Output, Run } from '../api/runs.ts'
import type { Bus } from '../bus/port.ts'
import type { OutputStore } from './outputs.ts'
import { isFinal } from './run-state.ts'
import { openWake } from './wake.ts'

/** What a server-sent event is made of. */
export interface RunEvent {
  id?: string
  event: string
  data: unknown
}

interface Source {
  bus: Bus
  outputs: OutputStore
  runs: { head(workspace: string, id: string): Promise<Run> }
  job(): { view: Run; outputs(after: number): Output[] } | undefined
}

const pollMs = 2000

export async function* runEvents(
  source: Source,
  workspace: string,
  id: string,
  lastSeq: number,
  signal: AbortSignal,
): AsyncIterable<RunEvent> {
  const wake = openWake(source.bus, workspace, `runs/${id}`)
  let seen = lastSeq
  let told = ''
  try {
    while (!signal.aborted) {
      const job = source.job()
      // The state first: outputs read after it are all of a run that has ended.
      const run = job?.view ?? (await source.runs.head(workspace, id))
      const ended = isFinal(run.state)
      const outputs =
        job && !ended ? job.outputs(seen) : (await source.outputs.find(workspace, id, seen)).items
      for (const output of outputs) {
        seen = Math.max(seen, output.seq)
        yield { id: String(output.seq), event: 'output', data: output }
      }
      const state = JSON.stringify([run.state, run.progress])
      if (state !== told) yield { event: 'state', data: run }
      told = state
      if (ended) return
      await wake.next(pollMs, signal)
    }
  } finally {
    wake.close()
  }
}
