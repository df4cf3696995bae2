/**
 * Rounds of faults: each sends its share of the messages, does one fault at a random moment of that, and waits until
 * everything came right by itself: all confirmed, all in the log, all worked off. At the end rows, state and actions
 * are compared with a recomputation from the log.
 */
import { toMessage } from '../../runtime/error.ts'
import { judgeEnd } from './end.ts'
import { kinds, type Kind } from './kinds.ts'
import { openScene, type Scene } from './scene.ts'
import { wait, waitForDeployment } from './waiting.ts'

export interface FaultOptions {
  rounds: number
  messages: number
  seed: number
  store: 'sqlite' | 'mongodb'
  /** Names of kinds; else all that the store has. */
  only?: string[]
  /** No round begins after it. */
  until?: number
  tell(line: string): void
}
export interface FaultResult {
  passed: number
  failed: number
  faults: string[]
}

/** A round's messages are sent in so many groups. */
const groups = 25
const roundMs = 120_000
/** In a row: then something is broken for good. */
const mostFailures = 3

export async function runFaults(options: FaultOptions): Promise<FaultResult> {
  const perRound = Math.ceil(options.messages / options.rounds)
  const scene = await openScene({ ...options, group: Math.max(1, Math.ceil(perRound / groups)) })
  const result: FaultResult = { passed: 0, failed: 0, faults: [] }
  const told = (name: string, faults: string[], detail: string): void => {
    result[faults.length === 0 ? 'passed' : 'failed']++
    result.faults.push(...faults.map((fault) => `${name}: ${fault}`))
    options.tell(`${faults.length === 0 ? 'ok  ' : 'FAIL'} ${name} ${detail}`.trimEnd())
    for (const fault of faults) options.tell(`     ${fault}`)
  }
  try {
    const draw = createDeck(scene, options)
    const lost = new Set<number>()
    let inARow = 0
    for (let round = 1; round <= options.rounds; round++) {
      if (inARow >= mostFailures || (options.until !== undefined && Date.now() > options.until)) break
      const started = performance.now()
      const kind = draw()
      const times: string[] = []
      const stage = (name: string): void =>
        void times.push(`${name} ${((performance.now() - started) / 1000).toFixed(1)} s`)
      const faults = await runRound(scene, kind, perRound, lost, stage).catch((error: unknown) => [
        toMessage(error),
      ])
      inARow = faults.length === 0 ? 0 : inARow + 1
      told(`${round} ${kind.name}:`, faults, `${times.join(', ')}, ${scene.log.count} messages`)
    }
    const { faults, detail } = await judgeEnd(scene, lost).catch((error: unknown) => ({
      faults: [toMessage(error)],
      detail: '',
    }))
    told('end', faults, detail)
    return result
  } finally {
    await scene.close()
  }
}

/** Each kind once in random order, then again. */
function createDeck({ random }: Scene, { store, only }: FaultOptions): () => Kind {
  const usable = kinds.filter(
    (kind) => (kind.store ?? store) === store && (only === undefined || only.includes(kind.name)),
  )
  let deck: Kind[] = []
  return () => {
    if (deck.length === 0) deck = [...usable]
    return deck.splice(Math.floor(random() * deck.length), 1)[0]!
  }
}

async function runRound(
  scene: Scene,
  kind: Kind,
  count: number,
  lost: Set<number>,
  stage: (name: string) => void,
): Promise<string[]> {
  const { sender, log, random } = scene
  const from = sender.added
  const moment = Math.floor(random() * count)
  const chance = random()
  sender.send(count)
  const end = performance.now() + roundMs
  await wait(() => sender.unconfirmed <= count - moment, end, 'the moment of the fault')
  for (const i of (await kind.run(scene, chance)) ?? []) lost.add(i)
  stage('fault')
  await wait(() => sender.unconfirmed === 0, end, 'the broker to confirm everything')
  stage('confirmed')
  const missing = (): number[] => {
    const found = []
    for (let i = from; i < from + count; i++) if (!log.has(i) && !lost.has(i)) found.push(i)
    return found
  }
  await wait(
    async () => {
      await log.look()
      return missing().length === 0
    },
    end,
    () => `the log to have ${missing().length} of ${count} messages, the first is ${missing()[0]}`,
  )
  stage('in the log')
  await waitForDeployment(scene, end)
  stage('worked off')
  return log.takeFaults()
}
