import { useEffect, useState } from 'react'
import type { Cell } from '../../runtime/api/notebooks.ts'
import type { Problem } from '../../runtime/notebook/program.ts'
import { toDuration } from '../ui/format.ts'
import { StateMark } from '../ui/state-mark.tsx'
import type { CellRun } from './session.ts'

/** What a cell says at the end of its first line: what it does, how long it took. */
export function CellNote({ run, type }: { run: CellRun | undefined; type: Cell['type'] }) {
  const [now, setNow] = useState(0)
  const started = run?.state === 'running' ? run.startedAt : null
  useEffect(() => {
    if (started === null) return
    const timer = setInterval(() => setNow(Date.now()), 200)
    return () => clearInterval(timer)
  }, [started])
  if (run?.state === 'queued') return <StateMark state="queued" />
  if (started !== null && run?.state === 'running')
    return <StateMark state="busy" label={now > started ? toDuration(now - started) : 'running'} />
  if (run?.state === 'error')
    return <StateMark state="failed" label={run.receipt ? toDuration(run.receipt.wallMs) : 'failed'} />
  if (run?.receipt) return <>{toDuration(run.receipt.wallMs)}</>
  return type === 'sql' ? <>SQL</> : type === 'raw' ? <>Text</> : null
}

/** What is wrong before the cell runs, and why what it shows is of the past. */
export function CellNotices(props: {
  problems: readonly Problem[]
  stale: string | undefined
  /** The kernel said the same when the cell ran. */
  failed: boolean
  onGo: (id: string) => void
}) {
  const problems = props.problems.filter((problem) => problem.kind !== 'syntax' || !props.failed)
  if (problems.length === 0 && props.stale === undefined) return null
  return (
    <div className="cell-notices">
      {problems.map((problem) => (
        <p key={`${problem.kind}-${problem.name}`} className="cell-problem">
          <StateMark state="warning" label={problem.message} />
          {problem.kind === 'syntax' && <span className="dim"> (line {problem.line})</span>}
          {problem.other !== null && (
            <button type="button" className="link" onClick={() => props.onGo(problem.other!)}>
              Go there
            </button>
          )}
        </p>
      ))}
      {props.stale !== undefined && (
        <p className="cell-stale">
          <StateMark state="stale" label={`stale: ${props.stale}`} />
        </p>
      )}
    </div>
  )
}
