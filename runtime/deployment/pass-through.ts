/**
 * How a plain run of a processing notebook calls its handlers: over a stretch of its streams (replay.ts) or once, at the
 * instant at which an action fired (again.ts), with one budget for all calls. Where replies of the host are kept, cells
 * and handlers get them in place of the host's own.
 */
import { AppError } from '../error.ts'
import type { Json, JsonObject } from '../json.ts'
import type { Passage, Passing, PassThrough } from '../run/services.ts'
import { callAgain } from './again.ts'
import { openAnswers } from './answers.ts'
import { type Caller, createCaller, SandboxDied } from './handler.ts'
import { openInstants } from './instants.ts'
import { replay, type ReplayDeps } from './replay.ts'
import { fromReplies, giveReplies, refuseWrite, type ReplySource } from './replies.ts'
import { toCellClock } from './session.ts'

export interface PassThroughDeps extends ReplayDeps {
  /** Waits before a handler that threw is called again. ms */
  retryMs?: number[]
}

export function createPassThrough(deps: PassThroughDeps): PassThrough {
  const instants = openInstants(deps)
  return {
    async prepare(workspace, stretch, host) {
      if ('action' in stretch) {
        const instant = await instants.get(workspace, stretch.action)
        let source = fromReplies(instant.opening)
        const own: string[] = []
        const onOwn = (name: string, args: readonly Json[]): void => {
          refuseWrite(name, args)
          own.push(name)
        }
        return {
          host: giveReplies(host, () => source, onOwn),
          clock: toCellClock(instant),
          pass: (passage) =>
            pass({ ...deps, retryMs: [] }, passage, (caller) => {
              source = fromReplies(instant.replies)
              own.length = 0
              return callAgain(passage, caller, instant, own)
            }),
        }
      }
      const { answers, ...range } = stretch
      if (answers === undefined)
        return {
          host,
          pass: (passage) =>
            pass(deps, passage, async (caller) => replay(deps, { ...passage, stretch: range }, caller)),
        }
      const known = await openAnswers(deps.store.in(workspace), answers)
      let source = (_step: number): ReplySource | Promise<ReplySource> => known.opening
      return {
        host: giveReplies(host, ({ step }) => source(step)),
        clock: toCellClock(known),
        pass: (passage) =>
          pass(deps, passage, (caller) => {
            let attempt: ReturnType<typeof caller.log>
            let given: Promise<ReplySource> | undefined
            // a call that is tried again is answered from the first reply on
            source = (step) => {
              const log = caller.log(step)
              if (given && log === attempt) return given
              attempt = log
              given = known.of(caller.identity(step))
              return given
            }
            return replay(deps, { ...passage, stretch: range }, caller)
          }),
      }
    },
  }
}

function pass(
  { retryMs }: Pick<PassThroughDeps, 'retryMs'>,
  { sandbox, limits, signal }: Passage,
  work: (caller: Caller) => Promise<{ result: JsonObject; messages: number }>,
): Passing {
  const caller: Caller = createCaller(() => sandbox, {
    ...(retryMs && { retryMs }),
    limits: () => ({
      cpuMs: Math.max(1, limits.cpuMs - caller.receipt.cpuMs),
      wallMs: Math.max(1, limits.wallMs - caller.receipt.wallMs),
    }),
    wait: (ms) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms)
        signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
      }),
  })
  async function whole(): Promise<{ result: JsonObject; receipt: Caller['receipt'] }> {
    try {
      const { result, messages } = await work(caller)
      return { result, receipt: { ...caller.receipt, messages } }
    } catch (error) {
      if (!(error instanceof SandboxDied)) throw error
      if (signal.aborted) throw new AppError('cancelled', 'The run was cancelled.')
      throw new AppError(
        error.status === 'timeout' ? 'timeout' : 'limit',
        `The sandbox ended: ${error.message}`,
      )
    }
  }
  return { act: (request, step) => caller.act(request, step), ended: whole() }
}
