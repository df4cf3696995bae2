import { Checkbox, NumberInput, Select, Textarea, TextInput } from '@mantine/core'
import type { JsonObject } from '../../runtime/json.ts'
import { findFault, stepOf } from '../../runtime/notebook/parameters.ts'
import '../ui/side.css'

export type ParameterValues = Record<string, string | number | boolean>
type Value = string | number | boolean
interface Schema {
  properties?: Record<string, unknown>
}
interface Property {
  type?: string
  format?: string
  default?: Value
  minimum?: number
  maximum?: number
  formatMinimum?: string
  formatMaximum?: string
  enum?: Value[]
  description?: string
}
/** The form of what `parameters({...})` declares; what is not touched keeps its default. */
export function ParameterForm(props: {
  schema: unknown
  values: ParameterValues
  onChange: (values: ParameterValues) => void
}) {
  const properties = Object.entries((props.schema as Schema).properties ?? {}) as [string, Property][]
  if (properties.length === 0) return null
  return (
    <fieldset className="parameters">
      <legend>Parameters</legend>
      {properties.map(([name, property]) => (
        <Field
          key={name}
          name={name}
          property={property}
          value={props.values[name]}
          onChange={(value) => {
            const rest = { ...props.values }
            delete rest[name]
            props.onChange(value === undefined ? rest : { ...rest, [name]: value })
          }}
        />
      ))}
    </fieldset>
  )
}
function Field(props: {
  name: string
  property: Property
  value: Value | undefined
  onChange: (value: Value | undefined) => void
}) {
  const { name, property, onChange } = props
  const value = props.value ?? property.default
  const fault = props.value === undefined ? undefined : findFault(property as JsonObject, props.value)
  const common = {
    label: name,
    description: property.description,
    size: 'xs' as const,
    required: property.default === undefined,
    error: fault === undefined ? undefined : `It ${fault}.`,
  }
  if (property.enum) {
    const { enum: choices } = property
    const place = choices.findIndex((choice) => choice === value)
    return (
      <Select
        {...common}
        data={choices.map((choice, at) => ({ value: String(at), label: String(choice) }))}
        value={place < 0 ? null : String(place)}
        allowDeselect={false}
        searchable={choices.length > 10}
        onChange={(at) => onChange(at === null ? undefined : choices[Number(at)])}
      />
    )
  }
  if (property.type === 'boolean')
    return (
      <Checkbox
        {...common}
        required={false}
        checked={value === true}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    )
  if (property.type === 'number' || property.type === 'integer')
    return (
      <NumberInput
        {...common}
        value={typeof value === 'number' ? value : ''}
        allowDecimal={property.type === 'number'}
        step={stepOf(property as JsonObject) ?? 1}
        {...(property.minimum === undefined ? {} : { min: property.minimum })}
        {...(property.maximum === undefined ? {} : { max: property.maximum })}
        onChange={(next) => onChange(typeof next === 'number' ? next : undefined)}
      />
    )
  const text = { ...common, value: String(value ?? '') }
  if (property.format === 'date')
    return (
      <TextInput
        {...text}
        type="date"
        {...(property.formatMinimum === undefined ? {} : { min: property.formatMinimum })}
        {...(property.formatMaximum === undefined ? {} : { max: property.formatMaximum })}
        onChange={(event) => onChange(event.currentTarget.value || undefined)}
      />
    )
  if (typeof property.default === 'string' && property.default.includes('\n'))
    return (
      <Textarea {...text} autosize maxRows={8} onChange={(event) => onChange(event.currentTarget.value)} />
    )
  return <TextInput {...text} onChange={(event) => onChange(event.currentTarget.value)} />
}
