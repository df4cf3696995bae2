import { Checkbox, NumberInput, Select, TextInput } from '@mantine/core'

export type ParameterValues = Record<string, string | number | boolean>
interface Schema {
  properties?: Record<string, unknown>
}
interface Property {
  type?: string
  default?: string | number | boolean
  minimum?: number
  maximum?: number
  enum?: (string | number)[]
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
  value: string | number | boolean | undefined
  onChange: (value: string | number | boolean | undefined) => void
}) {
  const { name, property, onChange } = props
  const value = props.value ?? property.default
  const common = { label: name, title: property.description, size: 'xs' as const }
  if (property.enum)
    return (
      <Select
        {...common}
        data={property.enum.map(String)}
        value={String(value)}
        allowDeselect={false}
        onChange={(next) => onChange(property.type === 'number' ? Number(next) : (next ?? undefined))}
      />
    )
  if (property.type === 'boolean')
    return (
      <Checkbox
        {...common}
        checked={value === true}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    )
  if (property.type === 'number' || property.type === 'integer')
    return (
      <NumberInput
        {...common}
        value={typeof value === 'number' ? value : ''}
        {...(property.minimum === undefined ? {} : { min: property.minimum })}
        {...(property.maximum === undefined ? {} : { max: property.maximum })}
        onChange={(next) => onChange(typeof next === 'number' ? next : undefined)}
      />
    )
  return (
    <TextInput
      {...common}
      value={String(value ?? '')}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}
