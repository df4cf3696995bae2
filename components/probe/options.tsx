'use client'
/** Step two: whom to ask, for how long, and whether charts are drawn. */
import { NumberInput, Select, Switch } from '@mantine/core'
import type { Collector } from '../../runtime/api/collectors.ts'
import { Section, Facts, Ago } from '../ui/parts.tsx'
import { StateMark } from '../ui/state-mark.tsx'

const maxSeconds = 86_400
/** null: not a length of time. */
export function toSeconds(value: number | string): number | null {
  const seconds = value === '' ? Number.NaN : Number(value)
  return Number.isInteger(seconds) && seconds >= 0 && seconds <= maxSeconds ? seconds : null
}

interface Props {
  collectors: readonly Collector[]
  collector: Collector
  seconds: number | string
  chart: boolean
  onCollector: (id: string) => void
  onSeconds: (seconds: number | string) => void
  onChart: (chart: boolean) => void
}
export function Options(props: Props) {
  const { collectors, collector, seconds, chart } = props
  return (
    <Section title="2. Options">
      <div className="stack">
        <Select
          label="Collector"
          allowDeselect={false}
          searchable
          data={collectors.map((one) => ({
            value: one.id,
            label: `${one.name}${one.name === one.host ? '' : ` on ${one.host}`} (${one.id.slice(-8)})${one.connected ? '' : ', not connected'}`,
          }))}
          value={collector.id}
          onChange={(id) => id && props.onCollector(id)}
        />
        <Facts
          items={[
            [
              'State',
              <StateMark
                key="state"
                state={collector.connected ? 'ready' : 'stopped'}
                label={collector.connected ? 'connected' : 'not connected'}
              />,
            ],
            ['Seen', <Ago key="seen" at={collector.seenAt} />],
            ['bpftrace', collector.bpftrace ? 'there' : 'not there'],
            ['Scripts', collector.scripts ? 'taken' : 'refused'],
          ]}
        />
        <NumberInput
          label="Seconds"
          description="0: until it is stopped"
          min={0}
          max={maxSeconds}
          step={10}
          allowDecimal={false}
          value={seconds}
          onChange={props.onSeconds}
          error={toSeconds(seconds) === null ? `A whole number from 0 to ${maxSeconds}` : undefined}
        />
        <Switch
          label="Draw charts"
          checked={chart}
          onChange={(event) => props.onChart(event.currentTarget.checked)}
        />
      </div>
    </Section>
  )
}
