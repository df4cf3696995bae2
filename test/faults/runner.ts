/**
 * `npm run faults -- --rounds 200`: faults at random moments, on a real broker and a real store. A line per round and
 * one for the comparison at the end, then `N passed, N failed`. An interrupt ends it after the round under way.
 */
import { parseArgs } from 'node:util'
import { buildGuest } from '../../runtime/guest/build/build.ts'
import { kinds } from './kinds.ts'
import { type FaultOptions, runFaults } from './rounds.ts'

const usage =
  'Usage: npm run faults -- --rounds N [--messages N] [--seed N] [--store sqlite|mongodb] [--minutes N] [--only KIND]'
const perRound = 5000

function refuse(message: string): never {
  process.stderr.write(`${message}\n${usage}\n`)
  process.exit(2)
}
function read() {
  try {
    const { values } = parseArgs({
      options: {
        rounds: { type: 'string', default: '20' },
        messages: { type: 'string' },
        seed: { type: 'string', default: '1' },
        store: { type: 'string', default: 'sqlite' },
        minutes: { type: 'string' },
        only: { type: 'string', multiple: true },
      },
    })
    return values
  } catch (error) {
    return refuse(error instanceof Error ? error.message : 'Those are no options.')
  }
}
function toCount(text: string, name: string): number {
  const count = Number(text)
  return Number.isSafeInteger(count) && count > 0 ? count : refuse(`--${name} is a whole number above 0.`)
}

const given = read()
const rounds = toCount(given.rounds, 'rounds')
const { only } = given
const unknown = only?.find((name) => !kinds.some((kind) => kind.name === name))
if (unknown !== undefined)
  refuse(`There is no fault "${unknown}". There are: ${kinds.map(({ name }) => name).join(', ')}.`)
const store =
  given.store === 'sqlite' || given.store === 'mongodb'
    ? given.store
    : refuse('--store is sqlite or mongodb.')
const minutes = given.minutes === undefined ? undefined : toCount(given.minutes, 'minutes')
const options: FaultOptions = {
  rounds,
  store,
  messages: given.messages === undefined ? rounds * perRound : toCount(given.messages, 'messages'),
  seed: toCount(given.seed, 'seed'),
  until: minutes === undefined ? Infinity : Date.now() + minutes * 60_000,
  tell: (line: string) => void process.stdout.write(`${line}\n`),
  ...(only && { only }),
}
process.on('SIGINT', () => {
  options.until = 0
})
await buildGuest()
const { passed, failed } = await runFaults(options)
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exit(failed === 0 ? 0 : 1)
