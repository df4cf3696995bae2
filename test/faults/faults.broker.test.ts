import { expect, test } from 'vitest'
import { brokerMissing } from '../broker.ts'
import { runFaults } from './rounds.ts'

if (brokerMissing) console.warn('SKIPPED: RabbitMQ is not installed (apt-get install rabbitmq-server)')

test.skipIf(brokerMissing)(
  'runFaults: nothing is lost, twice in the log or done twice; rows, state and actions are those of the log',
  async () => {
    const lines: string[] = []
    const only = [
      'socket cut',
      'channel error',
      'consumer cancelled',
      'queue deleted',
      'cut during setup',
      'disk full',
      'store refuses writes',
      'ingest killed',
      'executor killed',
    ]
    const result = await runFaults({
      rounds: only.length,
      messages: only.length * 1000,
      seed: 7,
      store: 'sqlite',
      only,
      tell: (line) => lines.push(line),
    })
    expect(result, lines.join('\n')).toEqual({ passed: only.length + 1, failed: 0, faults: [] })
  },
  240_000,
)
