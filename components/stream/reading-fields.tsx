import { Select, TextInput } from '@mantine/core'
import type { StreamForm } from './form.ts'
import type { FieldProps } from './field-props.ts'

const formats: { value: StreamForm['format']; label: string }[] = [
  { value: 'json', label: 'JSON, one value' },
  { value: 'ndjson', label: 'NDJSON, a value on each line' },
  { value: 'csv', label: 'CSV lines' },
  { value: 'text', label: 'Text as it is' },
  { value: 'access-log', label: 'Access log, common or combined' },
  { value: 'syslog', label: 'Syslog, RFC 5424 or 3164' },
  { value: 'pattern', label: 'Lines that match a pattern' },
  { value: 'msgpack', label: 'MessagePack' },
  { value: 'python', label: 'Python literals, as str() writes them' },
]
const delimiters = [
  { value: ',', label: 'comma' },
  { value: ';', label: 'semicolon' },
  { value: '\t', label: 'tab' },
  { value: '|', label: 'bar' },
]
const units = [
  { value: 'auto', label: 'ms or ISO' },
  { value: 'iso', label: 'ISO 8601' },
  { value: 'ms', label: 'ms' },
  { value: 's', label: 's' },
  { value: 'us', label: 'us' },
  { value: 'ns', label: 'ns' },
]
const places = [
  { value: 'path', label: 'a field' },
  { value: 'header', label: 'a header' },
  { value: 'none', label: 'the source, else arrival' },
]

/** How a body becomes a message. */
export function ReadingFields(props: FieldProps) {
  const { form, mistakes, onChange } = props
  return (
    <>
      <Select
        label="Format"
        allowDeselect={false}
        data={formats}
        value={form.format}
        error={mistakes.format}
        onChange={(format) => format && onChange({ format: format as StreamForm['format'] })}
      />
      {form.format === 'csv' && (
        <div className="pair">
          <TextInput
            label="Columns"
            placeholder="host, cpu; empty: by the heading"
            value={form.columns}
            error={mistakes.columns}
            onChange={(event) => onChange({ columns: event.currentTarget.value })}
          />
          <Select
            label="Between them"
            allowDeselect={false}
            data={delimiters}
            value={form.delimiter}
            error={mistakes.delimiter}
            onChange={(value) => value && onChange({ delimiter: value as StreamForm['delimiter'] })}
          />
        </div>
      )}
      {form.format === 'pattern' && (
        <TextInput
          label="Pattern"
          description="RE2 with named groups, which are the fields; it matches the whole line"
          placeholder="(?<host>\S+) (?<ms>\d+)"
          className="mono-input"
          value={form.pattern}
          error={mistakes.pattern}
          onChange={(event) => onChange({ pattern: event.currentTarget.value })}
        />
      )}
      <TimeFields {...props} />
      <div className="pair even">
        <TextInput
          label="Key field"
          placeholder="host; empty: not keyed"
          value={form.keyPath}
          error={mistakes.keyPath}
          onChange={(event) => onChange({ keyPath: event.currentTarget.value })}
        />
        <TextInput
          label="Dedupe field"
          placeholder="order; empty: message id"
          value={form.identityPath}
          error={mistakes.identityPath}
          onChange={(event) => onChange({ identityPath: event.currentTarget.value })}
        />
      </div>
    </>
  )
}

function TimeFields({ form, mistakes, onChange }: FieldProps) {
  return (
    <>
      <Select
        label="Event time from"
        allowDeselect={false}
        data={places}
        value={form.timeFrom}
        onChange={(value) => value && onChange({ timeFrom: value as StreamForm['timeFrom'] })}
      />
      {form.timeFrom !== 'none' && (
        <div className="pair">
          {form.timeFrom === 'path' ? (
            <TextInput
              label="Event-time field"
              placeholder="timestamp; empty: arrival"
              value={form.timePath}
              error={mistakes.timePath}
              onChange={(event) => onChange({ timePath: event.currentTarget.value })}
            />
          ) : (
            <TextInput
              label="Event-time header"
              placeholder="x-time"
              value={form.timeHeader}
              error={mistakes.timeHeader}
              onChange={(event) => onChange({ timeHeader: event.currentTarget.value })}
            />
          )}
          <Select
            label="Unit"
            allowDeselect={false}
            data={units}
            value={form.timeUnit}
            onChange={(unit) => unit && onChange({ timeUnit: unit as StreamForm['timeUnit'] })}
          />
        </div>
      )}
    </>
  )
}
