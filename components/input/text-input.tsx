import { Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { ControlOf } from '../../runtime/api/inputs.ts'
import type { InputProps } from './props.ts'
import { toDescription } from './props.ts'

/** Told with Enter (Ctrl+Enter where there are lines) or when it is left, not with every key. */
export function LineInput({ control, disabled, onChange }: InputProps<ControlOf<'text'>>) {
  const { value, label, multiline, maxLength, placeholder } = control
  const [typed, setTyped] = useState<{ text: string; over: string } | null>(null)
  const text = typed !== null && typed.over === value ? typed.text : value
  const tell = () => {
    if (text !== value) onChange(text)
  }
  const common = {
    size: 'xs' as const,
    label,
    maxLength,
    disabled,
    value: text,
    ...toDescription(control),
    ...(placeholder === undefined ? {} : { placeholder }),
    onBlur: tell,
  }
  if (multiline)
    return (
      <Textarea
        {...common}
        autosize
        minRows={2}
        maxRows={12}
        onChange={(event) => setTyped({ text: event.currentTarget.value, over: value })}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) tell()
        }}
      />
    )
  return (
    <TextInput
      {...common}
      onChange={(event) => setTyped({ text: event.currentTarget.value, over: value })}
      onKeyDown={(event) => {
        if (event.key === 'Enter') tell()
      }}
    />
  )
}
