/** What is kept of a stream beside its messages, for the pages' tests. */
import type { StreamSchema } from '../../runtime/api/digests.ts'
import { page, type Answers } from './fake-answer.ts'

const newField = (path: string, more: Partial<StreamSchema['fields'][number]>) => ({
  path,
  types: {},
  optional: false,
  share: 1,
  firstAt: null,
  lastAt: null,
  vanished: false,
  min: null,
  max: null,
  minLength: null,
  maxLength: null,
  ...more,
})

export function digestAnswers(now: number): Answers {
  const seen = { firstAt: now - 3_600_000, lastAt: now - 1000 }
  return {
    getStreamSchema: () => ({
      observed: 9_120,
      behind: 0,
      truncated: false,
      fields: [
        newField('$', { types: { object: 9_120 }, share: null, ...seen }),
        newField('timestamp', { types: { string: 9_120 }, minLength: 24, maxLength: 24, ...seen }),
        newField('value', {
          types: { number: 9_000, integer: 110, null: 10 },
          min: 2.08,
          max: 108.5,
          ...seen,
        }),
        newField('host', { types: { string: 8_200 }, share: 0.899, optional: true, vanished: true, ...seen }),
      ],
      drift: [
        {
          kind: 'type',
          path: 'value',
          seq: 4_100,
          at: now - 900_000,
          detail: 'The field "value" was number, now also null.',
        },
        {
          kind: 'vanished',
          path: 'host',
          seq: 9_100,
          at: now - 60_000,
          detail: 'The field "host" is missing since 1000 messages.',
        },
      ],
      type: '{ timestamp: string; value: number | null; host?: string }',
    }),
    findStreamRollups: ({ query }) => {
      const ms = query.unit === 'hour' ? 3_600_000 : 60_000
      const to = Number(query.to)
      return page(
        Array.from({ length: 60 }, (_, i) => {
          const middle = 88 + 6 * Math.sin(i / 6)
          return {
            start: to - (60 - i) * ms,
            count: 50 + ((i * 13) % 17),
            rate: (50 + ((i * 13) % 17)) / (ms / 1000),
            bytes: 6_000,
            fields: [
              {
                path: 'value',
                count: 50,
                mean: middle,
                min: middle - 8,
                max: middle + 9,
                p50: middle,
                p90: middle + 4,
                p99: middle + 7,
              },
            ],
          }
        }),
      )
    },
    getStreamRetention: () => ({
      ageMs: null,
      bytes: null,
      kept: { messages: 9_120, bytes: 1_204_000, since: now - 3_600_000 },
      bytesPerDay: 28_900_000,
      projectedBytes: null,
      costPerMonth: 0.00003,
      projectedCostPerMonth: null,
    }),
    previewMessage: ({ body }) => {
      const text = String(body.text)
      try {
        const one = JSON.parse(text) as { timestamp?: string; host?: string }
        const at = one.timestamp === undefined ? NaN : Date.parse(one.timestamp)
        const reason = Number.isNaN(at)
          ? 'The message has no event time: field "timestamp" is missing.'
          : null
        const event = { body: one, key: one.host ?? null, messageId: null, reason }
        return { events: [{ ...event, eventTime: reason === null ? at : null }], count: 1 }
      } catch {
        const event = { body: null, key: null, messageId: null, eventTime: null }
        return { events: [{ ...event, reason: `Not JSON: ${text.slice(0, 20)}` }], count: 1 }
      }
    },
  }
}
