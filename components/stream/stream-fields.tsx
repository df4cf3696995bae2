import { Checkbox, NumberInput, SegmentedControl, Select, TextInput } from '@mantine/core'
import type { DataObject } from '../../runtime/api/objects.ts'
import type { StreamForm } from './source.ts'

interface Props {
  form: StreamForm
  objects: DataObject[]
  mistakes: Partial<Record<keyof StreamForm, string>>
  onChange: (patch: Partial<StreamForm>) => void
}
export function StreamFields(props: Props) {
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
      <SegmentedControl
        fullWidth
        aria-label="Source"
        value={form.type}
        onChange={(type) => onChange({ type: type as StreamForm['type'] })}
        data={[
          { value: 'amqp', label: 'AMQP' },
          { value: 'http', label: 'HTTP push' },
          { value: 'simulator', label: 'Simulator' },
        ]}
      />
      {form.type === 'amqp' && <AmqpFields {...props} />}
      {form.type === 'simulator' && <SimulatorFields {...props} />}
      <Select
        label="Format"
        allowDeselect={false}
        data={['json', 'ndjson', 'csv', 'text', 'access-log', 'syslog', 'msgpack', 'python']}
        value={form.format}
        onChange={(format) => format && onChange({ format: format as StreamForm['format'] })}
      />
      <div className="pair">
        <TextInput
          label="Event-time field"
          placeholder="timestamp; empty: arrival"
          value={form.timePath}
          onChange={(event) => onChange({ timePath: event.currentTarget.value })}
        />
        <Select
          label="Unit"
          allowDeselect={false}
          data={['iso', 'ms', 's', 'us', 'ns']}
          value={form.timeUnit}
          onChange={(unit) => unit && onChange({ timeUnit: unit as StreamForm['timeUnit'] })}
        />
      </div>
      <TextInput
        label="Key field"
        placeholder="host; empty: not keyed"
        value={form.keyPath}
        onChange={(event) => onChange({ keyPath: event.currentTarget.value })}
      />
      <div className="pair even">
        <NumberInput
          label="Out of order by, s"
          min={0}
          value={form.outOfOrder}
          onChange={(outOfOrder) => onChange({ outOfOrder })}
        />
        <NumberInput
          label="Late by, s"
          min={0}
          value={form.lateness}
          onChange={(lateness) => onChange({ lateness })}
        />
      </div>
    </>
  )
}

function AmqpFields({ form, mistakes, onChange }: Props) {
  return (
    <>
      <TextInput
        label="Address"
        description="amqp:// or amqps://; the password is never shown again"
        value={form.url}
        error={mistakes.url}
        onChange={(event) => onChange({ url: event.currentTarget.value })}
      />
      <SegmentedControl
        aria-label="Queue or exchange"
        value={form.binding}
        onChange={(binding) => onChange({ binding: binding as StreamForm['binding'] })}
        data={[
          { value: 'queue', label: 'Queue' },
          { value: 'exchange', label: 'Exchange' },
        ]}
      />
      {form.binding === 'queue' ? (
        <>
          <TextInput
            label="Queue"
            value={form.queue}
            error={mistakes.queue}
            onChange={(event) => onChange({ queue: event.currentTarget.value })}
          />
          <Checkbox
            label="Share the queue with its other consumers (each gets only a part)"
            checked={form.shareQueue}
            onChange={(event) => onChange({ shareQueue: event.currentTarget.checked })}
          />
        </>
      ) : (
        <>
          <TextInput
            label="Exchange"
            value={form.exchange}
            error={mistakes.exchange}
            onChange={(event) => onChange({ exchange: event.currentTarget.value })}
          />
          <TextInput
            label="Routing keys"
            description="Separated by commas"
            value={form.routingKeys}
            onChange={(event) => onChange({ routingKeys: event.currentTarget.value })}
          />
        </>
      )}
    </>
  )
}

function SimulatorFields({ form, objects, mistakes, onChange }: Props) {
  const tables = objects.filter((object) => object.rows !== null)
  return (
    <>
      <Select
        label="Object to replay"
        placeholder={tables.length === 0 ? 'Upload a table first' : 'Choose a table'}
        searchable
        data={tables.map((object) => object.name)}
        value={form.object || null}
        error={mistakes.object}
        onChange={(object) => onChange({ object: object ?? '' })}
      />
      <TextInput
        label="Speed"
        description="Event seconds per second; or a JSON list of {until, speed}"
        value={String(form.speed)}
        error={mistakes.speed}
        onChange={(event) => onChange({ speed: event.currentTarget.value })}
      />
      <Checkbox
        label="Begin again at the end"
        checked={form.repeat}
        onChange={(event) => onChange({ repeat: event.currentTarget.checked })}
      />
    </>
  )
}
