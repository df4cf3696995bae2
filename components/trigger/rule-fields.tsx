import { NumberInput, Select, TextInput } from '@mantine/core'
import { useApi } from '../ui/api.ts'
import { misses, overlaps, type TriggerForm } from './form.ts'
import type { FieldsProps } from './trigger-fields.tsx'

/** What every kind of trigger has. */
export function RuleFields({ form, change }: FieldsProps) {
  const notebooks = useApi('findNotebooks', { query: { limit: 200 } })
  return (
    <>
      <Select
        label="When the run before has not ended"
        allowDeselect={false}
        data={overlaps}
        value={form.overlap}
        onChange={(overlap) => change({ overlap: (overlap ?? 'queue') as TriggerForm['overlap'] })}
      />
      <div className="field-row">
        <Select
          label="Those missed while Suricate was off"
          allowDeselect={false}
          data={misses}
          value={form.missed}
          onChange={(missed) => change({ missed: (missed ?? 'once') as TriggerForm['missed'] })}
        />
        {form.missed === 'all' && (
          <NumberInput
            label="At most"
            min={1}
            max={1000}
            allowDecimal={false}
            value={form.missedLimit}
            onChange={(value) => change({ missedLimit: Number(value) })}
          />
        )}
      </div>
      <div className="field-row">
        <NumberInput
          label="Attempts"
          description="with the first"
          min={1}
          max={10}
          allowDecimal={false}
          value={form.attempts}
          onChange={(value) => change({ attempts: Number(value) })}
        />
        {form.attempts > 1 && (
          <NumberInput
            label="Seconds between"
            description="doubled each time"
            min={1}
            max={3600}
            value={form.backoffSeconds}
            onChange={(value) => change({ backoffSeconds: Number(value) })}
          />
        )}
      </div>
      <TextInput
        label="Concurrency key"
        description="triggers with the same key take turns"
        placeholder="none"
        value={form.concurrencyKey}
        onChange={(event) => change({ concurrencyKey: event.currentTarget.value })}
      />
      <Select
        label="Notebook to run on failure"
        description="its parameters run and error are filled"
        placeholder="none"
        clearable
        searchable
        data={(notebooks.data?.items ?? [])
          .filter(({ kind }) => kind === 'analytics')
          .map(({ id, name }) => ({ value: id, label: name }))}
        value={form.failure || null}
        onChange={(failure) => change({ failure: failure ?? '' })}
      />
    </>
  )
}
