/**
 * What makes executions of a kernel durable after they have run, beside the next ones: what waits is written together,
 * so that a store which is slow for one write keeps up with many. An execution that another one of its cell has
 * followed before it was written is never written: outputs are kept of the last one alone. An end is told when all of
 * it is durable, in the order in which they ran.
 */
import { setTimeout } from 'node:timers/promises'
import type { UserError } from '../api/runs.ts'
import type { Receipt } from '../sandbox/port.ts'
import type { KernelExecution } from './execution.ts'
import type { Journal } from './journal.ts'
import type { OutputStore } from './outputs.ts'

export interface Ended {
  status: 'ok' | 'error' | 'timeout' | 'memory' | 'killed'
  value: string | null
  error: UserError | null
  receipt: Receipt
  /** What waits for its end to be told. */
  goOn?: () => void
}
export interface SettlementOptions {
  outputs: OutputStore
  workspace: string
  /** Whose outputs they are. */
  owner: string
  /** It is durable, or cannot be. */
  onSettled(execution: KernelExecution, ended: Ended): Promise<void>
  onError(error: unknown): void
}
const maxWaiting = 100
const paceMs = 6
const maxWaitingBytes = 64 * 1024 * 1024

interface Waiting {
  execution: KernelExecution
  ended: Ended
  done: () => void
}

export class Settlement {
  readonly #options: SettlementOptions
  #waiting: Waiting[] = []
  #working: Promise<void> | undefined
  #pacedUntil = 0

  constructor(options: SettlementOptions) {
    this.#options = options
  }
  /** So much waits that the next execution is to wait too: a disk that stalls for a moment is not yet that. */
  get isBehind(): boolean {
    const bytes = this.#waiting.reduce((sum, { execution }) => sum + (execution.journal?.bytes ?? 0), 0)
    return this.#waiting.length > maxWaiting || bytes > maxWaitingBytes
  }
  /** When nothing waits any more. */
  get settled(): Promise<void> {
    return this.#working ?? Promise.resolve()
  }
  add(execution: KernelExecution, ended: Ended): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.push({ execution, ended, done: resolve })
    this.#working ??= this.#work()
    return promise
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      // what it showed goes to its readers first; in a row of short ones several are written together
      await setTimeout(Math.max(0, this.#pacedUntil - performance.now()))
      this.#pacedUntil = performance.now() + paceMs
      const batch = this.#waiting.splice(0)
      const last = new Map(batch.map(({ execution }) => [execution.cell, execution]))
      await Promise.all(
        batch.map(async ({ execution }) => {
          const { journal, cell } = execution
          if (!journal) return
          if (last.get(cell) !== execution) return journal.drop()
          await this.#write(journal, cell).catch((error: unknown) => this.#options.onError(error))
        }),
      )
      for (const { execution, ended, done } of batch) {
        await this.#options
          .onSettled(execution, ended)
          .catch((error: unknown) => this.#options.onError(error))
        done()
      }
    }
    this.#working = undefined
  }
  async #write(journal: Journal, cell: string | null): Promise<void> {
    const { outputs, workspace, owner } = this.#options
    const retired = outputs.retire(workspace, owner, cell, journal)
    await Promise.all([journal.close(), retired])
    // Keeps the number that the retired ones had reached.
    if (journal.lastSeq < journal.firstSeq) await outputs.insert(workspace, owner, cell, [], journal.lastSeq)
  }
}
