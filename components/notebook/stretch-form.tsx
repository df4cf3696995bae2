'use client'
/** Of a processing notebook: what a run of it goes over. The instant of an action where it was opened from one. */
import { SegmentedControl, Switch, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Notebook } from '../../runtime/api/notebooks.ts'
import type { Run } from '../../runtime/api/runs.ts'
import type { JsonObject } from '../../runtime/json.ts'
import { useApi } from '../ui/api.ts'

export type StretchBody = { action: string } | { from: string; to: string; answers?: string }
const hour = 3_600_000
/** As it can be sent back. */
const toText = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`

export interface Fired {
  action: string
  deployment: string
  parameters: JsonObject
}
/** Where the notebook was opened from an action that fired. */
export function firedOf({ metadata }: Pick<Notebook, 'metadata'>): Fired | null {
  const fired = metadata?.['suricate'] as Fired | undefined
  return typeof fired?.action === 'string' ? fired : null
}

export interface Stretch {
  /** What is chosen, for a run; null while a time is missing. */
  body: StretchBody | null
  form: FormProps
}
interface FormProps {
  fired: Fired | null
  at: 'instant' | 'stretch'
  from: string
  to: string
  answers: boolean
  set: (change: Partial<Pick<FormProps, 'at' | 'from' | 'to' | 'answers'>>) => void
}
export function useStretch(notebook: Notebook): Stretch {
  const fired = firedOf(notebook)
  const action = useApi('getAction', { params: { id: fired?.action ?? '' } }, { enabled: fired !== null })
  const [opened] = useState(() => Date.now())
  const [chosen, setChosen] = useState<Partial<FormProps>>({})
  const middle = action.data?.at ?? opened - hour
  const { at = fired ? 'instant' : 'stretch', answers = fired !== null } = chosen
  const { from = toText(middle - hour), to = toText(middle + hour) } = chosen
  const times = { from: from.trim(), to: to.trim() }
  const body = (): StretchBody | null => {
    if (fired && at === 'instant') return { action: fired.action }
    if (times.from === '' || times.to === '') return null
    return { ...times, ...(fired && answers && { answers: fired.deployment }) }
  }
  const set: FormProps['set'] = (change) => setChosen({ ...chosen, ...change })
  return { body: body(), form: { fired, at, from, to, answers, set } }
}

export function StretchForm({ fired, at, from, to, answers, set }: FormProps) {
  return (
    <div className="stack">
      {fired && (
        <SegmentedControl
          aria-label="What the run goes over"
          size="xs"
          value={at}
          onChange={(value) => set({ at: value as FormProps['at'] })}
          data={[
            { value: 'instant', label: 'The instant it fired' },
            { value: 'stretch', label: 'A stretch of the stream' },
          ]}
        />
      )}
      {fired && at === 'instant' ? (
        <p className="dim">
          The handler is called once, with what it was given then; it tells what it would fire. Nothing
          leaves.
        </p>
      ) : (
        <>
          <TextInput
            label="From"
            description="Event time, UTC"
            size="xs"
            value={from}
            onChange={(event) => set({ from: event.currentTarget.value })}
          />
          <TextInput
            label="To"
            description="Event time, UTC; not included"
            size="xs"
            value={to}
            onChange={(event) => set({ to: event.currentTarget.value })}
          />
          {fired && (
            <Switch
              size="xs"
              label="Answer as the deployment was answered"
              checked={answers}
              onChange={(event) => set({ answers: event.currentTarget.checked })}
            />
          )}
        </>
      )}
    </div>
  )
}

/** What became of an instant; undefined for other runs. */
export function toVerdict({ result }: Pick<Run, 'result'>): string | undefined {
  const { fires, same } = (result ?? {}) as { fires?: unknown; same?: unknown }
  if (typeof fires !== 'boolean') return undefined
  if (!fires) return 'would not fire'
  return same === true ? 'fires as it did' : 'fires, but otherwise'
}
