import { isDeepStrictEqual } from 'node:util'
import type { Message, MessageLog } from '../../runtime/store/log.ts'
import { type Fact, toFact, toId } from './facts.ts'

/** Reads the log as it grows, and keeps what is in it and what is wrong with it. */
export interface LogWatch {
  /** Reads on to the end. */
  look(): Promise<void>
  has(i: number): boolean
  /** How many different ones. */
  readonly count: number
  /** Since the last call. */
  takeFaults(): string[]
}

const page = 5000
const maxFaults = 20

export function createLogWatch(log: MessageLog, stream: string): LogWatch {
  const seen = new Set<number>()
  let faults: string[] = []
  let next = 1
  const blame = (fault: string): void => {
    if (faults.length < maxFaults) faults.push(fault)
  }
  function see(message: Message): void {
    const { i } = message.body as unknown as Fact
    if (message.seq !== next) blame(`seq ${message.seq} stands where ${next} should`)
    next = message.seq + 1
    if (message.messageId !== toId(i)) blame(`message ${i} has the id ${message.messageId}`)
    if (seen.has(i)) blame(`message ${i} is in the log twice, again at ${message.seq}`)
    seen.add(i)
    const { at, ...fact } = toFact(i)
    const { at: told, ...body } = message.body as unknown as Fact
    if (!isDeepStrictEqual(body, fact) || told < at) blame(`message ${i} is not what was sent`)
  }
  return {
    async look() {
      for (;;) {
        const found = await log.read(stream, next, page)
        for (const message of found) see(message)
        if (found.length === 0) return
      }
    },
    has: (i) => seen.has(i),
    get count() {
      return seen.size
    },
    takeFaults() {
      const taken = faults
      faults = []
      return taken
    },
  }
}
