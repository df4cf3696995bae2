/**
 * Reads messages of a session's streams into its processor and says how a handler's failure ends the deployment: at
 * once where nothing uncommitted came before the message, else after that was done again and committed.
 */
import type { MessageLog } from '../store/log.ts'
import { HandlerFailed } from './handler.ts'
import type { PinnedNotebook } from './ports.ts'
import { describe, type Session } from './session.ts'

/** For the person: the deployment has failed with this text. */
export class Failed extends Error {}
/** A handler failed for good at this message, and messages before it are not committed yet. */
export class StepFailed extends Error {
  readonly stream: string
  readonly seq: number
  constructor(stream: string, seq: number, message: string) {
    super(message)
    this.stream = stream
    this.seq = seq
  }
}
export interface Steps {
  /** Messages of a stream from where the session is, below `before`; how many there were. */
  read(stream: string, before: number, onMessage?: () => Promise<void>): Promise<number>
  /** Batch handlers get what was read. */
  flush(): Promise<void>
}

/** Where the read ends that begins at `seq`: reads meet at multiples of their size, so that batches are cut alike. */
export function toCut(seq: number, size: number): number {
  return (Math.floor(seq / size) + 1) * size
}

export function createSteps(options: {
  session: Session
  notebook: Pick<PinnedNotebook, 'cells'>
  log: MessageLog
  limit: number
  signal: AbortSignal
}): Steps {
  const { session, notebook, log, signal } = options
  const { offsets, processor } = session
  return {
    async read(stream, before, onMessage) {
      const from = offsets[stream] ?? 1
      const limit = Math.min(options.limit, before - from)
      const messages = limit <= 0 ? [] : await log.read(stream, from, limit)
      const cut = toCut(messages[0]?.seq ?? from, options.limit)
      for (const message of messages) {
        if (signal.aborted || message.seq >= Math.min(before, cut)) break
        const clean = !processor.dirty
        try {
          await processor.add(message, stream)
        } catch (error) {
          if (!(error instanceof HandlerFailed)) throw error
          const name = session.inputs.find((input) => input.stream.id === stream)?.stream.name
          const text = `${describe(error.error, notebook)} at message ${message.seq} of "${name}"`
          throw clean ? new Failed(text) : new StepFailed(stream, message.seq, text)
        }
        offsets[stream] = message.seq + 1
        await onMessage?.()
      }
      return messages.length
    },
    async flush() {
      try {
        await processor.flush()
      } catch (error) {
        throw error instanceof HandlerFailed ? new Failed(describe(error.error, notebook)) : error
      }
    },
  }
}
