/**
 * The one way out of the isolate: `post`, a callback that answers nothing, held in this closure alone. Everything
 * that user code can cause to be posted is counted here: host calls in flight, arguments, messages per second. The
 * parent counts again and ends the child that got past this.
 */
import type { Json } from '../json.ts'
import type { GuestLimits, Post } from './message.ts'
import {
  $Error,
  $Promise,
  $Uint8Array,
  construct,
  defineProperty,
  dictionary,
  hasOwn,
  isArray,
  isView,
  ownKeys,
  parse,
  stringify,
  typedArrayBuffer,
  typedArrayBytes,
  typedArrayOffset,
  typedArrayTag,
  wallNow,
} from './primordials.ts'

interface Pending {
  resolve(answer: { value: Json; binary: Uint8Array[] }): void
  reject(error: unknown): void
  error: Error
}
export interface Mailbox {
  post: Post
  call(name: string, args: Json[], binary?: Uint8Array[]): Promise<{ value: Json; binary: Uint8Array[] }>
  deliver(id: number, ok: boolean, text: string, binary: ArrayBuffer[]): void
  /** Rejects every pending call; with `closing`, later ones never settle until open(). */
  abort(code: string, message: string, closing: boolean): void
  open(limits: GuestLimits): void
  /** Calls without an answer. */
  readonly inFlight: number
  /** False when a message must be dropped: over the rate. */
  allow(): boolean
}

const maxParts = 1_024
const maxBinary = 30 * 1024 * 1024

export function createMailbox(post: Post, onCall: () => void): Mailbox {
  let pending = dictionary<Pending>()
  let inFlight = 0
  let nextId = 0
  let closed = true
  let limits: GuestLimits | undefined
  let credits = 0
  let creditsAt = wallNow()

  function allow(): boolean {
    if (!limits) return false
    const now = wallNow()
    const burst = limits.messagesPerSecond / 4
    const gained = ((now - creditsAt) / 1000) * burst
    credits = credits + gained > burst ? burst : credits + (gained > 0 ? gained : 0)
    creditsAt = now
    if (credits < 1) return false
    credits -= 1
    return true
  }

  function refuse(error: Error, code: string, message: string): Promise<never> {
    return construct($Promise, [
      (_: unknown, reject: (error: unknown) => void) => reject(describe(error, code, message)),
    ]) as Promise<never>
  }

  function call(
    name: string,
    args: Json[],
    binary?: Uint8Array[],
  ): Promise<{ value: Json; binary: Uint8Array[] }> {
    // Made here, so that its stack has the caller's frames.
    const error = new $Error()
    if (closed || !limits)
      return construct($Promise, [() => undefined]) as Promise<{ value: Json; binary: Uint8Array[] }>
    if (inFlight >= limits.hostCallsInFlight)
      return refuse(
        error,
        'limit',
        `At most ${limits.hostCallsInFlight} host calls may be in flight (limit hostCallsInFlight); await some first.`,
      )
    let text: string
    const parts: Uint8Array[] = []
    try {
      text = stringify(args)
      takeParts(binary, parts)
    } catch (reason) {
      return refuse(error, 'invalid', `The arguments of ${name} cannot cross: ${messageOf(reason)}`)
    }
    // A UTF-16 unit is at most three bytes; the parent counts bytes.
    if (text.length > limits.argumentBytes)
      return refuse(
        error,
        'too-large',
        `The arguments of ${name} are larger than ${limits.argumentBytes} bytes as JSON (limit argumentBytes).`,
      )
    const id = ++nextId
    inFlight += 1
    const promise = construct($Promise, [
      (resolve: Pending['resolve'], reject: Pending['reject']) => {
        pending[id] = { resolve, reject, error }
      },
    ]) as Promise<{ value: Json; binary: Uint8Array[] }>
    onCall()
    post('call', id, name, text, parts)
    return promise
  }

  return {
    get inFlight() {
      return inFlight
    },
    post,
    call,
    allow,
    deliver(id, ok, text, binary) {
      if (!hasOwn(pending, id)) return
      const found = pending[id] as Pending
      delete pending[id]
      inFlight -= 1
      if (!ok) {
        const { code, message } = parse(text) as { code: string; message: string }
        found.reject(describe(found.error, code, message))
        return
      }
      const answer = dictionary<unknown>()
      const arrays: Uint8Array[] = []
      for (let i = 0; i < binary.length; i++)
        defineProperty(arrays, i, {
          value: new $Uint8Array(binary[i] as ArrayBuffer),
          writable: true,
          enumerable: true,
          configurable: true,
        })
      answer['value'] = parse(text)
      answer['binary'] = arrays
      found.resolve(answer as unknown as { value: Json; binary: Uint8Array[] })
    },
    abort(code, message, closing) {
      const ended = pending
      pending = dictionary()
      inFlight = 0
      if (closing) closed = true
      const ids = ownKeys(ended)
      for (let i = 0; i < ids.length; i++) {
        const found = ended[ids[i] as string] as Pending
        found.reject(describe(found.error, code, message))
      }
    },
    open(given) {
      limits = given
      closed = false
      credits = given.messagesPerSecond / 4
      creditsAt = wallNow()
    },
  }
}

/** Copies of the bytes, made by what was captured; throws on what is not a typed array. */
function takeParts(binary: Uint8Array[] | undefined, parts: Uint8Array[]): void {
  if (binary === undefined) return
  if (!isArray(binary) || binary.length > maxParts) throw new $Error('the bytes must be a list of Uint8Array')
  let total = 0
  for (let i = 0; i < binary.length; i++) {
    const part = binary[i]
    if (!isView(part) || typedArrayTag(part) === undefined) throw new $Error('the bytes must be Uint8Array')
    total += typedArrayBytes(part)
    if (total > maxBinary) throw new $Error(`more than ${maxBinary} bytes in one call; pass them in parts`)
    const view = new $Uint8Array(typedArrayBuffer(part), typedArrayOffset(part), typedArrayBytes(part))
    // A copy: what crosses by value would take the whole buffer behind a small view with it.
    defineProperty(parts, i, {
      value: new $Uint8Array(view),
      writable: true,
      enumerable: true,
      configurable: true,
    })
  }
}

function messageOf(reason: unknown): string {
  try {
    return reason instanceof $Error ? `${reason.message}` : 'they are not JSON'
  } catch {
    return 'they are not JSON'
  }
}

function describe(error: Error, code: string, message: string): Error {
  const hidden = { writable: true, enumerable: false, configurable: true }
  defineProperty(error, 'message', { ...hidden, value: message })
  defineProperty(error, 'code', { ...hidden, enumerable: true, value: code })
  return error
}
