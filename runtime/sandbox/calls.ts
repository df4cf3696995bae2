/**
 * The host calls of one sandbox, on the parent's side: the capability table is this sandbox's own, the child sends a
 * name and arguments. Counted here whatever the guest counted: in flight (a breach ends the child, whose own count
 * would have refused), arguments, answers. Calls beyond the rate wait for their turn. A signal ends with the cell.
 */
import { AppError, isAppError } from '../error.ts'
import { limitMessage, toSize } from './limits.ts'
import type { Json } from '../json.ts'
import type { HostTable, Limits } from './port.ts'

export interface CallRequest {
  id: number
  name: string
  step: number
  text: string
  binary: Uint8Array[]
}
export interface Calls {
  /** False when the child must be ended. */
  take(request: CallRequest, cell: string | null): boolean
  /** Aborts what runs; their answers are dropped. */
  abort(): void
  limit(limits: Limits): void
}
export type Answer = (id: number, ok: boolean, parts: Uint8Array[]) => void

const maxDepth = 256
const maxBinary = 256 * 1024 * 1024

export function openCalls(
  host: HostTable,
  answer: Answer,
  onInternal: (name: string, error: unknown) => void,
): Calls {
  let limits: Limits | undefined
  let controller = new AbortController()
  let inFlight = 0
  /** Nobody has seen this signal: there is nothing to abort. */
  let unseen = true
  let tokens = Infinity
  let tokensAt = performance.now()

  /** How long this call must wait, ms. */
  function takeToken({ hostCallsPerSecond, hostCallsBurst }: Limits): number {
    const now = performance.now()
    tokens = Math.min(hostCallsBurst, tokens + ((now - tokensAt) / 1000) * hostCallsPerSecond)
    tokensAt = now
    tokens -= 1
    return tokens >= 0 ? 0 : (-tokens / hostCallsPerSecond) * 1000
  }

  async function perform(
    request: CallRequest,
    cell: string | null,
    signal: AbortSignal,
    given: Limits,
  ): Promise<void> {
    try {
      const wait = takeToken(given)
      if (wait > 0) await delay(wait, signal)
      if (signal.aborted) return
      const found = Object.hasOwn(host, request.name) ? host[request.name] : undefined
      if (!found)
        throw new AppError('not-found', `There is no host function ${JSON.stringify(request.name)}.`)
      const args = parseArguments(request, given)
      const { value, binary = [] } = await found(args, {
        binary: request.binary,
        signal,
        cell,
        step: request.step,
      })
      if (signal.aborted) return
      const text = Buffer.from(JSON.stringify(value ?? null))
      if (text.byteLength > given.resultBytes)
        throw new AppError(
          'too-large',
          `The answer of ${request.name}: ${limitMessage('resultBytes', given)}`,
        )
      const bytes = binary.reduce((sum, part) => sum + part.byteLength, 0)
      if (bytes > maxBinary)
        throw new AppError(
          'too-large',
          `The answer of ${request.name} has more than ${toSize(maxBinary)}; ask for less.`,
        )
      answer(request.id, true, [text, ...binary])
    } catch (error) {
      if (signal.aborted) return
      if (!isAppError(error)) onInternal(request.name, error)
      const told = isAppError(error)
        ? { code: error.code, message: error.message.slice(0, 8_192) }
        : { code: 'internal', message: `${request.name} failed inside; it is in the log.` }
      answer(request.id, false, [Buffer.from(JSON.stringify(told))])
    }
  }

  return {
    take(request, cell) {
      const given = limits
      if (!given || inFlight >= given.hostCallsInFlight * 2) return false
      const { signal } = controller
      unseen = false
      inFlight += 1
      void perform(request, cell, signal, given).finally(() => {
        if (!signal.aborted) inFlight -= 1
      })
      return true
    },
    abort() {
      if (unseen) return
      unseen = true
      controller.abort()
      controller = new AbortController()
      inFlight = 0
    },
    limit(given) {
      limits = given
    },
  }
}

function parseArguments({ name, text }: CallRequest, limits: Limits): Json[] {
  if (Buffer.byteLength(text) > limits.argumentBytes)
    throw new AppError('too-large', `${name}: ${limitMessage('argumentBytes', limits)}`)
  checkDepth(name, text)
  let args: unknown
  try {
    args = JSON.parse(text)
  } catch {
    throw new AppError('invalid', `The arguments of ${name} are not JSON.`)
  }
  if (!Array.isArray(args)) throw new AppError('invalid', `The arguments of ${name} are not a list.`)
  return args as Json[]
}

/** Before parsing: what nests deeper breaks those who walk it. */
function checkDepth(name: string, text: string): void {
  let depth = 0
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 92 && quoted) i += 1
    else if (code === 34) quoted = !quoted
    else if (quoted) continue
    else if (code === 91 || code === 123) depth += 1
    else if (code === 93 || code === 125) depth -= 1
    if (depth > maxDepth)
      throw new AppError('invalid', `The arguments of ${name} nest deeper than ${maxDepth} levels.`)
  }
}

function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
  })
}
