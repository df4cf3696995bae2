/**
 * The owner's merging of runs, beside its commits: one merge at a time; what it made becomes current with the next
 * commit's head, and only after that go the runs that it was made of. Where merging falls behind, commits wait for it.
 */
import { findMerge, replaceRuns } from './state-run.ts'
import type { StateRuns } from './state-runs.ts'
import type { StateRun } from './version.ts'

export interface StateMerge {
  /** The runs of the next head: those of this one, with what was merged meanwhile. */
  apply(runs: readonly StateRun[]): Promise<StateRun[]>
  /** These are the runs of a head that was committed, and no commit is under way. */
  committed(runs: readonly StateRun[], swept: boolean): void
  /** What a sweep must leave, beside the runs of the head. */
  spare(): Promise<StateRun[]>
  idle(): Promise<void>
}
/** More runs than this, and a commit waits. */
const mostRuns = 64

export function createStateMerge(p: string, store: StateRuns): StateMerge {
  let merged: { run: StateRun | null; of: StateRun[] } | undefined
  let working: Promise<void> = Promise.resolve()
  let busy = false

  function work(step: () => Promise<void>): void {
    busy = true
    // what fails is tried again after the next commit; what it left is swept by the next owner
    working = step()
      .catch(() => undefined)
      .finally(() => {
        busy = false
      })
  }
  return {
    async apply(runs) {
      if (runs.length > mostRuns) await working
      return (merged && replaceRuns(runs, merged)) ?? [...runs]
    },
    committed(runs, swept) {
      if (busy) return
      if (merged) {
        const { of } = merged
        // else it was too late for this head: with the next one
        if (replaceRuns(runs, merged)) return
        merged = undefined
        if (of.every(({ id }) => runs.every((run) => run.id !== id))) {
          work(() => store.delete(p, of))
          return
        }
      }
      const next = swept ? findMerge(runs) : null
      if (!next) return
      work(async () => {
        merged = { run: await store.merge(p, next.runs, next.oldest), of: next.runs }
      })
    },
    async spare() {
      await working
      return merged?.run ? [merged.run] : []
    },
    idle: () => working,
  }
}
