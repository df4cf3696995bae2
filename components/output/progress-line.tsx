import { Progress } from '@mantine/core'
import { progressOutput } from '../../runtime/api/runs.ts'
import { toDuration, toFigure } from '../ui/format.ts'
import { toPlain } from './text.ts'
import { estimateLeft } from './progress.ts'

export function ProgressLine({ value, old }: { value: unknown; old: boolean }) {
  const parsed = progressOutput.safeParse(value)
  if (!parsed.success) return null
  const { done, total, label } = parsed.data
  const left = old ? undefined : estimateLeft(parsed.data)
  const part = total > 0 ? Math.min(100, Math.max(0, (done / total) * 100)) : 0
  return (
    <div className="out-progress">
      <Progress.Root w={200}>
        <Progress.Section value={part} aria-label={label ?? 'Progress'} />
      </Progress.Root>
      <span className="dim">
        {label ? `${toPlain(label)} ` : ''}
        {toFigure(done)} of {toFigure(total)}
        {left !== undefined && ` · about ${toDuration(left)} left`}
      </span>
    </div>
  )
}
