/**
 * What runs, and what should: the notebook as one program, the cells that its text or other cells left behind, and the
 * ways to run several. Auto-run is each person's own switch for a notebook, off by default; with it, what depends on a
 * cell runs after it.
 */
import { useCallbackRef, useLocalStorage } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { useDeferredValue, useMemo } from 'react'
import {
  findDependents,
  findStale,
  toProgram,
  type Problem,
  type Program,
} from '../../runtime/notebook/program.ts'
import type { Draft } from './draft.ts'
import type { KernelControl } from './kernel.ts'
import type { ParameterValues } from './parameter-form.tsx'
import { toExecuted } from './session.ts'

export interface Runner {
  program: Program
  /** Cell -> why it is stale, in words. */
  stale: Map<string, string>
  /** Cell -> what is wrong with it before it runs. */
  problems: Map<string, Problem[]>
  auto: boolean
  setAuto: (on: boolean) => void
  /** These, in document order; with auto-run also what depends on them. */
  run: (ids: readonly string[]) => Promise<boolean>
  runWithDependents: (ids: readonly string[]) => Promise<boolean>
  /** What depends on these was left behind: it runs with auto-run, and else is stale. */
  changed: (ids: readonly string[]) => void
  runStale: () => Promise<boolean>
  runAll: () => Promise<boolean>
  runAbove: (id: string) => Promise<boolean>
  runBelow: (id: string) => Promise<boolean>
}

export function useRunner(draft: Draft, kernel: KernelControl, values: ParameterValues, id: string): Runner {
  const [auto, setAuto] = useLocalStorage({ key: `suricate.auto-run.${id}`, defaultValue: false })
  const cells = useDeferredValue(draft.cells)
  const program = useMemo(() => toProgram(cells), [cells])
  const executed = useMemo(() => toExecuted(kernel.session), [kernel.session])
  const stale = useMemo(() => findStale(program, executed), [program, executed])
  const problems = useMemo(() => Map.groupBy(program.problems, (problem) => problem.cell), [program])

  async function runThese(ids: readonly string[], many: boolean): Promise<boolean> {
    // The server knows a cell's place and type from what is saved.
    await draft.flush()
    const done = await kernel.run(
      draft.now().filter((cell) => ids.includes(cell.id)),
      values,
    )
    if (!done && many)
      notifications.show({ color: 'red', message: 'A cell failed or was interrupted; the rest did not run.' })
    return done
  }
  const withDependents = (ids: readonly string[]): string[] => [
    ...ids,
    ...findDependents(toProgram(draft.now()), ids),
  ]
  return {
    program,
    stale,
    problems,
    auto,
    setAuto,
    run: useCallbackRef((ids) => runThese(auto ? withDependents(ids) : ids, ids.length > 1)),
    runWithDependents: useCallbackRef((ids) => runThese(withDependents(ids), true)),
    changed: useCallbackRef((ids) => {
      if (auto && ids.length > 0) void runThese(ids, true)
    }),
    runStale: useCallbackRef(() => {
      const now = findStale(toProgram(draft.now()), executed)
      return runThese([...now.keys()], true)
    }),
    runAll: useCallbackRef(() =>
      runThese(
        draft.now().map((cell) => cell.id),
        true,
      ),
    ),
    runAbove: useCallbackRef((cell) => {
      const all = draft.now().map((one) => one.id)
      return runThese(all.slice(0, all.indexOf(cell)), true)
    }),
    runBelow: useCallbackRef((cell) => {
      const all = draft.now().map((one) => one.id)
      return runThese(all.slice(all.indexOf(cell)), true)
    }),
  }
}
