import { TextInput } from '@mantine/core'
import { useState } from 'react'
import type { ControlOf } from '../../runtime/api/inputs.ts'
import { findInputFault } from '../../runtime/notebook/input.ts'
import { type InputProps, toDescription } from './props.ts'

/** The browser's own field of a date, which has a calendar and every keyboard way. */
export function DateInput({ control, disabled, onChange }: InputProps<ControlOf<'date'>>) {
  const { value, label, min, max } = control
  const [typed, setTyped] = useState<{ text: string; over: string } | null>(null)
  const text = typed !== null && typed.over === value ? typed.text : value
  const fault = findInputFault(control, text)
  return (
    <TextInput
      type="date"
      size="xs"
      label={label}
      disabled={disabled}
      value={text}
      error={fault === undefined ? undefined : `It ${fault}.`}
      {...toDescription(control)}
      {...(min === undefined ? {} : { min })}
      {...(max === undefined ? {} : { max })}
      onChange={(event) => {
        const next = event.currentTarget.value
        setTyped({ text: next, over: value })
        if (next !== value && findInputFault(control, next) === undefined) onChange(next)
      }}
    />
  )
}
