import { Fieldset, SegmentedControl, TextInput } from '@mantine/core'
import type { DataObject } from '../../runtime/api/objects.ts'
import type { FieldProps } from './field-props.ts'
import type { StreamForm } from './form.ts'
import { KeepingFields } from './keeping-fields.tsx'
import { ReadingFields } from './reading-fields.tsx'
import { AmqpFields, SimulatorFields } from './source-fields.tsx'

export function StreamFields(props: FieldProps & { objects: DataObject[]; defined: boolean }) {
  const { form, mistakes, onChange } = props
  return (
    <>
      <TextInput
        label="Name"
        data-autofocus
        value={form.name}
        error={mistakes.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
      />
      <Fieldset variant="unstyled" legend="Source" className="stack">
        <SegmentedControl
          fullWidth
          aria-label="Source"
          value={form.type}
          onChange={(type) => onChange({ type: type as StreamForm['type'] })}
          data={[
            { value: 'amqp', label: 'AMQP', disabled: props.defined && form.type === 'http' },
            { value: 'http', label: 'HTTP push', disabled: props.defined && form.type !== 'http' },
            { value: 'simulator', label: 'Simulator', disabled: props.defined && form.type === 'http' },
          ]}
        />
        {form.type === 'amqp' && <AmqpFields {...props} />}
        {form.type === 'simulator' && <SimulatorFields {...props} objects={props.objects} />}
      </Fieldset>
      <Fieldset variant="unstyled" legend="Messages" className="stack">
        <ReadingFields {...props} />
      </Fieldset>
      <Fieldset variant="unstyled" legend="Time and keeping" className="stack">
        <KeepingFields {...props} />
      </Fieldset>
    </>
  )
}
