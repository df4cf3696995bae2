import { Checkbox, SegmentedControl, Select, Textarea, TextInput } from '@mantine/core'
import type { DataObject } from '../../runtime/api/objects.ts'
import type { StreamForm } from './form.ts'
import type { FieldProps } from './field-props.ts'

export function AmqpFields({ form, mistakes, onChange }: FieldProps) {
  return (
    <>
      <TextInput
        label="Address"
        description="amqp:// or amqps://; the password is never shown again"
        value={form.url}
        error={mistakes.url}
        onChange={(event) => onChange({ url: event.currentTarget.value })}
      />
      {(form.url.trim().startsWith('amqps:') || form.ca !== '') && (
        <Textarea
          label="Own certificate authority"
          description="PEM; empty: the authorities that everybody trusts"
          placeholder="-----BEGIN CERTIFICATE-----"
          autosize
          minRows={2}
          maxRows={6}
          value={form.ca}
          error={mistakes.ca}
          onChange={(event) => onChange({ ca: event.currentTarget.value })}
        />
      )}
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
            description="Classic, quorum or stream; it is used as it is, never declared or changed"
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
            description="A quorum queue of its own is declared and bound to it"
            value={form.exchange}
            error={mistakes.exchange}
            onChange={(event) => onChange({ exchange: event.currentTarget.value })}
          />
          <TextInput
            label="Routing keys"
            description="Separated by commas"
            value={form.routingKeys}
            error={mistakes.routingKeys}
            onChange={(event) => onChange({ routingKeys: event.currentTarget.value })}
          />
        </>
      )}
    </>
  )
}

export function SimulatorFields({
  form,
  objects,
  mistakes,
  onChange,
}: FieldProps & { objects: DataObject[] }) {
  const tables = objects.filter((object) => object.rows !== null).map(({ name }) => name)
  // also one that is named by its id, or is not there any more
  const names = form.object === '' || tables.includes(form.object) ? tables : [form.object, ...tables]
  return (
    <>
      <Select
        label="Object to replay"
        placeholder={tables.length === 0 ? 'Upload a table first' : 'Choose a table'}
        searchable
        data={names}
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
      <div className="pair even">
        <TextInput
          label="From"
          placeholder="2014-02-07; empty: the first"
          value={form.from}
          error={mistakes.from}
          onChange={(event) => onChange({ from: event.currentTarget.value })}
        />
        <TextInput
          label="To"
          placeholder="empty: the last"
          value={form.to}
          error={mistakes.to}
          onChange={(event) => onChange({ to: event.currentTarget.value })}
        />
      </div>
      <Checkbox
        label="Begin again at the end"
        checked={form.repeat}
        onChange={(event) => onChange({ repeat: event.currentTarget.checked })}
      />
    </>
  )
}
