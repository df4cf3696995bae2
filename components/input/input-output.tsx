'use client'
/**
 * An input that a cell shows. What a person chooses is shown at once and told to the server; what another tab or
 * person chooses comes with the next `value`.
 */
import { useContext, useState } from 'react'
import { control as controlSchema, type Control } from '../../runtime/api/inputs.ts'
import type { Json } from '../../runtime/json.ts'
import { showError } from '../ui/api.ts'
import { ButtonInput } from './button-input.tsx'
import { InputContext } from './context.ts'
import { DateInput } from './date-input.tsx'
import { SelectInput } from './select-input.tsx'
import { SliderInput } from './slider-input.tsx'
import { TableInput } from './table-input.tsx'
import type { InputProps } from './props.ts'
import { LineInput } from './text-input.tsx'
import './input.css'

export function InputOutput({ value }: { value: unknown }) {
  const parsed = controlSchema.safeParse(value)
  if (!parsed.success) return <p className="dim">This input is not known here.</p>
  return <Changeable key={parsed.data.id} control={parsed.data} />
}

function Changeable({ control }: { control: Control }) {
  const changes = useContext(InputContext)
  const told = JSON.stringify(control.value)
  const [draft, setDraft] = useState<{ value: Json; over: string } | null>(null)
  // What the server says after the draft was made is newer than it.
  const value = draft !== null && draft.over === told ? draft.value : (control.value as Json)
  const change = (next: Json) => {
    if (!changes) return
    setDraft({ value: next, over: told })
    changes.set(control.id, next).catch((error: unknown) => {
      setDraft(null)
      showError(error, `${control.label} was not changed`)
    })
  }
  return (
    <div className="input" data-kind={control.kind} data-input={control.id}>
      <OneInput control={{ ...control, value } as Control} disabled={changes === null} onChange={change} />
    </div>
  )
}

function OneInput(props: InputProps<Control>) {
  const { control, ...rest } = props
  switch (control.kind) {
    case 'slider':
      return <SliderInput control={control} {...rest} />
    case 'select':
      return <SelectInput control={control} {...rest} />
    case 'text':
      return <LineInput control={control} {...rest} />
    case 'date':
      return <DateInput control={control} {...rest} />
    case 'table':
      return <TableInput control={control} {...rest} />
    case 'button':
      return <ButtonInput control={control} {...rest} />
  }
}
