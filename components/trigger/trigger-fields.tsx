import { MultiSelect, NumberInput, Select, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { toText, useApi } from '../ui/api.ts'
import { comparisons, type TriggerForm, toZoned } from './form.ts'

export interface FieldsProps {
  form: TriggerForm
  change: (part: Partial<TriggerForm>) => void
}
interface Named {
  id: string
  name: string
}
const toOptions = (items: Named[] | undefined) =>
  (items ?? []).map(({ id, name }) => ({ value: id, label: name }))

export function ScheduleFields({ form, change }: FieldsProps) {
  const [asked] = useDebouncedValue({ cron: form.cron, zone: form.zone }, 300)
  const next = useApi('previewSchedule', { query: asked }, { enabled: asked.cron !== '', retry: false })
  return (
    <>
      <TextInput
        label="Schedule as cron"
        description="minute hour day month weekday"
        required
        value={form.cron}
        error={next.error ? toText(next.error) : undefined}
        onChange={(event) => change({ cron: event.currentTarget.value })}
      />
      <NextTimes times={next.error ? [] : (next.data?.times ?? [])} zone={asked.zone} />
    </>
  )
}
export function NextTimes({ times, zone }: { times: number[]; zone: string }) {
  if (times.length === 0) return null
  return (
    <div className="next-times">
      <span className="dim">Next times</span>
      <ol aria-label="Next times">
        {times.map((at) => (
          <li key={at}>
            <time dateTime={new Date(at).toISOString()}>{toZoned(at, zone)}</time>
          </li>
        ))}
      </ol>
    </div>
  )
}

export function StreamFields({ form, change }: FieldsProps) {
  const streams = useApi('findStreams', { query: { limit: 200 } })
  return (
    <>
      <Select
        label="Stream"
        required
        searchable
        data={toOptions(streams.data?.items)}
        value={form.stream || null}
        onChange={(stream) => change({ stream: stream ?? '' })}
      />
      <Select
        label="A run for"
        allowDeselect={false}
        data={[
          { value: 'messages', label: 'every so many messages' },
          { value: 'seconds', label: 'every so many seconds' },
          { value: 'match', label: 'each message that matches' },
        ]}
        value={form.by}
        onChange={(by) => change({ by: (by ?? 'messages') as TriggerForm['by'] })}
      />
      {form.by === 'messages' && (
        <NumberInput
          label="Messages"
          min={1}
          allowDecimal={false}
          value={form.everyMessages}
          onChange={(value) => change({ everyMessages: Number(value) })}
        />
      )}
      {form.by === 'seconds' && (
        <NumberInput
          label="Seconds"
          min={1}
          value={form.everySeconds}
          onChange={(value) => change({ everySeconds: Number(value) })}
        />
      )}
      {form.by === 'match' && (
        <div className="field-row">
          <TextInput
            label="Field"
            placeholder="cpu"
            required
            value={form.path}
            onChange={(event) => change({ path: event.currentTarget.value })}
          />
          <Select
            label="Comparison"
            allowDeselect={false}
            data={comparisons}
            value={form.is}
            onChange={(is) => change({ is: (is ?? 'above') as TriggerForm['is'] })}
          />
          {form.is !== 'there' && (
            <TextInput
              label="Value"
              required
              value={form.value}
              onChange={(event) => change({ value: event.currentTarget.value })}
            />
          )}
        </div>
      )}
    </>
  )
}

export function RecordFields({ form, change }: FieldsProps) {
  const { type } = form
  const notebooks = useApi('findNotebooks', { query: { limit: 200 } }, { enabled: type === 'run' })
  return (
    <>
      {type !== 'run' && (
        <TextInput
          label={type === 'alert' ? 'Title' : 'Name'}
          description="* stands for any characters"
          value={form.pattern}
          onChange={(event) => change({ pattern: event.currentTarget.value })}
        />
      )}
      {type === 'object' && (
        <TextInput
          label="Tag"
          placeholder="any"
          value={form.tag}
          onChange={(event) => change({ tag: event.currentTarget.value })}
        />
      )}
      {type === 'model' && (
        <TextInput
          label="Alias that moves"
          placeholder="none: each new version"
          value={form.alias}
          onChange={(event) => change({ alias: event.currentTarget.value })}
        />
      )}
      {type === 'run' && (
        <>
          <Select
            label="Notebook"
            placeholder="any"
            clearable
            searchable
            data={toOptions(notebooks.data?.items)}
            value={form.notebook || null}
            onChange={(notebook) => change({ notebook: notebook ?? '' })}
          />
          <MultiSelect
            label="That ended as"
            data={['succeeded', 'failed', 'timed_out', 'cancelled']}
            value={form.states}
            onChange={(states) => change({ states })}
          />
        </>
      )}
      {type === 'alert' && (
        <>
          <MultiSelect
            label="When it is"
            data={['raised', 'cleared']}
            value={form.on}
            onChange={(on) => change({ on })}
          />
          <MultiSelect
            label="Severity"
            placeholder={form.severities.length ? '' : 'any'}
            data={['info', 'warning', 'critical']}
            value={form.severities}
            onChange={(severities) => change({ severities })}
          />
        </>
      )}
    </>
  )
}
