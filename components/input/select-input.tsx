import { MultiSelect, Select } from '@mantine/core'
import type { Choice, ControlOf } from '../../runtime/api/inputs.ts'
import type { InputProps } from './props.ts'
import { toDescription } from './props.ts'

/** By their places, for choices of different types may read alike. */
export function SelectInput({ control, disabled, onChange }: InputProps<ControlOf<'select'>>) {
  const { options, value, multiple, label } = control
  const data = options.map((option, at) => ({ value: String(at), label: option.label }))
  const placeOf = (choice: Choice): string => String(options.findIndex((option) => option.value === choice))
  const choiceAt = (place: string): Choice => options[Number(place)]!.value
  const common = {
    size: 'xs' as const,
    label,
    data,
    disabled,
    searchable: options.length > 10,
    ...toDescription(control),
  }
  if (multiple)
    return (
      <MultiSelect
        {...common}
        clearable
        value={(Array.isArray(value) ? value : []).map(placeOf)}
        onChange={(places) => onChange(places.map(choiceAt))}
      />
    )
  return (
    <Select
      {...common}
      allowDeselect={false}
      value={Array.isArray(value) ? null : placeOf(value)}
      onChange={(place) => place !== null && onChange(choiceAt(place))}
    />
  )
}
