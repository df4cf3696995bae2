import { Button, NumberInput } from '@mantine/core'
import { useState } from 'react'
import type { Stream } from '../../runtime/api/streams.ts'
import { useAct, useApi } from '../ui/api.ts'
import { toBytes, toCount, toFigure } from '../ui/format.ts'
import { Ago, Facts, Section, Waiting } from '../ui/parts.tsx'
import { fromRetention, toRetention } from './retention.ts'

/** What is kept of the messages, what that costs, and until when. */
export function RetentionSection({ stream }: { stream: Stream }) {
  const query = useApi('getStreamRetention', { params: { id: stream.id } }, { refetchInterval: 30_000 })
  const view = query.data
  return (
    <Section title="Retention" aside={toWords(stream.retention)}>
      {!view ? (
        <Waiting query={query} lines={2} />
      ) : (
        <div className="stack">
          <Facts
            items={[
              ['Kept', toCount(view.kept.messages, 'message')],
              ['In the log', toBytes(view.kept.bytes)],
              ['Since', <Ago key="since" at={view.kept.since} />],
              ['Coming in', `${toBytes(Math.round(view.bytesPerDay))} a day`],
              ['Grows to', view.projectedBytes === null ? 'without an end' : toBytes(view.projectedBytes)],
              ['Cost a month', toCost(view.costPerMonth)],
              [
                'Cost a month then',
                view.projectedCostPerMonth === null ? 'grows with it' : toCost(view.projectedCostPerMonth),
              ],
            ]}
          />
          <RetentionForm key={stream.revision} stream={stream} />
          <p className="dim">
            What is beyond goes once it is in the figures by minute and hour and every deployment at work has
            read it. Dead letters are kept as long.
          </p>
        </div>
      )}
    </Section>
  )
}
/** A price of less than a cent is still one. */
function toCost(cost: number): string {
  if (cost === 0) return '0 EUR'
  return cost < 0.01 ? 'under 0.01 EUR' : `${toFigure(Math.round(cost * 100) / 100)} EUR`
}
export function toWords({ ageMs, bytes }: Stream['retention']): string {
  const { days, megabytes } = fromRetention({ ageMs, bytes })
  const parts = [
    ...(days === '' ? [] : [`${toFigure(Number(days))} days`]),
    ...(megabytes === '' ? [] : [`${toFigure(Number(megabytes))} MB`]),
  ]
  return parts.length === 0 ? 'everything is kept' : `at most ${parts.join(' and ')}`
}

function RetentionForm({ stream }: { stream: Stream }) {
  const [form, setForm] = useState(() => fromRetention(stream.retention))
  const update = useAct('updateStream', { said: 'The retention is changed' })
  const retention = toRetention(form)
  const same = retention.ageMs === stream.retention.ageMs && retention.bytes === stream.retention.bytes
  const mistakes = {
    days: retention.ageMs !== null && retention.ageMs < 60_000 ? 'At least a minute' : undefined,
    megabytes: retention.bytes !== null && retention.bytes < 1_000_000 ? 'At least 1 MB' : undefined,
  }
  return (
    <form
      className="toolbar retention-form"
      aria-label="Retention"
      onSubmit={(event) => {
        event.preventDefault()
        update.mutate({ params: { id: stream.id }, body: { retention }, revision: stream.revision })
      }}
    >
      <NumberInput
        hideControls
        label="Keep at most, days"
        placeholder="no limit"
        min={0}
        value={form.days}
        error={mistakes.days}
        onChange={(days) => setForm({ ...form, days })}
      />
      <NumberInput
        hideControls
        label="Keep at most, MB"
        placeholder="no limit"
        min={0}
        value={form.megabytes}
        error={mistakes.megabytes}
        onChange={(megabytes) => setForm({ ...form, megabytes })}
      />
      <Button
        type="submit"
        variant="default"
        loading={update.isPending}
        disabled={same || mistakes.days !== undefined || mistakes.megabytes !== undefined}
      >
        Change the retention
      </Button>
    </form>
  )
}
