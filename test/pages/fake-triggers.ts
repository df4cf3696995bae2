/** Triggers for the pages: kept as they were sent, with times that follow. */
import type { Firing, Trigger, TriggerSpec } from '../../runtime/api/triggers.ts'
import { type Answers, Fault } from './fake-answer.ts'

const hour = 3_600_000

export function triggerAnswers(now: number): Answers {
  const triggers: Trigger[] = []
  const get = (id: string | undefined): Trigger => {
    const found = triggers.find((one) => one.id === id)
    if (!found) throw new Fault(404, 'not-found', `There is no trigger ${id}.`)
    return found
  }
  const times = (count: number): number[] => Array.from({ length: count }, (_, i) => now + (i + 1) * hour)
  const newFiring = (trigger: string): Firing => ({
    id: 'fire_1',
    trigger,
    state: 'failed',
    cause: { type: 'person' },
    at: now,
    attempts: [1, 2].map((number) => ({
      run: `run-${number}`,
      state: 'failed',
      error: 'boom',
      startedAt: now,
      endedAt: now,
    })),
    run: 'run-2',
    reason: 'boom',
    nextAt: null,
    failureRun: 'run-1',
    failureError: null,
    createdAt: now,
    endedAt: now,
  })
  return {
    findTriggers: ({ query }) => ({
      items: triggers.filter(({ notebook }) => !query.notebook || notebook === query.notebook),
      nextCursor: null,
    }),
    createTrigger: ({ body }) => {
      const given = body as unknown as Trigger
      const made: Trigger = {
        ...given,
        id: `trigger-${triggers.length + 1}`,
        version: null,
        parameters: {},
        enabled: true,
        hasToken: false,
        nextAt: null,
        nextTimes: given.spec.type === 'schedule' ? times(5) : [],
        lastFiring: null,
        lastRun: null,
        lastError: null,
        createdAt: now,
        revision: 1,
      }
      triggers.push(made)
      return made
    },
    getTrigger: ({ params }) => get(params.id),
    updateTrigger: ({ params, body }) => {
      const trigger = get(params.id)
      return Object.assign(trigger, body, { revision: trigger.revision + 1 })
    },
    deleteTrigger: ({ params }) => void triggers.splice(triggers.indexOf(get(params.id)), 1),
    fireTrigger: ({ params }) => (get(params.id).lastFiring = newFiring(params.id!)),
    createTriggerToken: ({ params }) => {
      get(params.id).hasToken = true
      return { token: 'w~t~secret', path: '/api/v1/hooks/w~t~secret' }
    },
    previewSchedule: ({ query }) => {
      if (query.cron === 'soon') throw new Fault(422, 'invalid', '"soon" is no schedule.')
      return { times: times(5) }
    },
  } satisfies Answers & { createTrigger: (call: never) => Trigger & { spec: TriggerSpec } }
}
