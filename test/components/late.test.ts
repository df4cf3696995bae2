import { expect, test } from 'vitest'
import { toLateBy, toStretch } from '../../components/deployment/late.ts'
import { toWindowText } from '../../components/deployment/window-text.ts'
import { fromRetention, toRetention } from '../../components/stream/retention.ts'
import { toTypes } from '../../components/stream/schema-section.tsx'
import type { LateMessage } from '../../runtime/api/deployments.ts'

const late = (more: Partial<LateMessage>): LateMessage => ({
  number: 1,
  stream: 's',
  seq: 1,
  key: null,
  eventTime: 1000,
  receivedAt: 5000,
  reason: 'late',
  watermark: 4000,
  handler: 0,
  body: null,
  ...more,
})

test('toLateBy: behind the watermark, or ahead of arrival', () => {
  expect([
    toLateBy(late({})),
    toLateBy(late({ watermark: null })),
    toLateBy(late({ reason: 'future', eventTime: 9000 })),
  ]).toEqual([3000, null, 4000])
})
test('toStretch: from the first to the last that was late, without those of a bad clock', () => {
  const items = [
    late({ eventTime: 7000 }),
    late({ eventTime: -5 }),
    late({ eventTime: 9e9, reason: 'future' }),
  ]
  expect([toStretch(items), toStretch([items[2]!])]).toEqual([{ from: -5, to: 7001 }, null])
})
test('toWindowText: in words', () => {
  expect([
    toWindowText(null),
    toWindowText({ type: 'hopping', size: 3_600_000, hop: 60_000, offset: 0 }),
    toWindowText({ type: 'count', size: 100 }),
    toWindowText({ type: 'calendar', unit: 'day', zone: 'Europe/Berlin' }),
  ]).toEqual([
    'per message',
    'hopping, size 1 h 0 min, hop 1 min 0 s',
    'count, size 100',
    'calendar, unit day, zone Europe/Berlin',
  ])
})
test('retention: days and megabytes, and no limit', () => {
  const kept = [
    { ageMs: null, bytes: null },
    { ageMs: 129_600_000, bytes: 1_500_000 },
  ]
  expect(kept.map(fromRetention)).toEqual([
    { days: '', megabytes: '' },
    { days: 1.5, megabytes: 1.5 },
  ])
  expect(kept.map(fromRetention).map(toRetention)).toEqual(kept)
})
test('toTypes: the most frequent first', () => {
  expect([toTypes({ string: 4 }), toTypes({ null: 1, number: 3 })]).toEqual([
    'string',
    'number 75 %, null 25 %',
  ])
})
