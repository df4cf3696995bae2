import { NumberInput } from '@mantine/core'
import type { StreamForm } from './form.ts'
import type { FieldProps } from './field-props.ts'

const fields: [keyof StreamForm & ('outOfOrder' | 'lateness' | 'days' | 'megabytes'), string, string][] = [
  ['outOfOrder', 'Out of order by, s', '0'],
  ['lateness', 'Late by, s', '0'],
  ['days', 'Keep at most, days', 'no limit'],
  ['megabytes', 'Keep at most, MB', 'no limit'],
]

/** Bounds of time, and how long messages are kept. */
export function KeepingFields({ form, mistakes, onChange }: FieldProps) {
  return (
    <>
      <div className="pair even">
        {fields.map(([name, label, placeholder]) => (
          <NumberInput
            hideControls
            key={name}
            label={label}
            placeholder={placeholder}
            min={0}
            value={form[name]}
            error={mistakes[name]}
            onChange={(value) => onChange({ [name]: value })}
          />
        ))}
      </div>
      <NumberInput
        hideControls
        label="At most ahead of arrival, s"
        description="Beyond it a message is a dead letter: one bad clock would make all others late"
        placeholder="no limit"
        min={0}
        value={form.maxFuture}
        error={mistakes.maxFuture}
        onChange={(maxFuture) => onChange({ maxFuture })}
      />
    </>
  )
}
