/**
 * The outputs of one execution and their budgets. Lines of a console are joined into one output until something else
 * is shown, 16 KB are full or 100 ms have passed, so that a loop that prints costs few messages. What is over a budget
 * is counted and told once, at the end. An output that replaces an earlier one is no new item, but is counted against
 * the message rate.
 */
import type { Json } from '../json.ts'
import type { GuestLimits, Post } from './message.ts'
import { $TypeError, cut, dictionary, hasOwn, ownKeys, slice, stringify, wallNow } from './primordials.ts'

interface Output {
  kind: 'stdout' | 'stderr' | 'display' | 'progress' | 'result'
  data: { [mime: string]: Json }
  id?: string
  append?: boolean
}
export interface Outputs {
  open(limits: GuestLimits): void
  emit(output: Output): void
  /** One line of a console. */
  line(kind: 'stdout' | 'stderr', text: string): void
  flush(): void
  /** Flushes, and says what was cut. */
  close(): void
}

const joined = 16 * 1024
const joinedMs = 100
const richTimes = 4

export function createOutputs(post: Post, allow: () => boolean): Outputs {
  let limits: GuestLimits | undefined
  let bytes = 0
  let rich = 0
  let items = 0
  let cutItems = 0
  let cutBytes = 0
  let reason = ''
  let ids = dictionary<true>()
  let kind: 'stdout' | 'stderr' = 'stdout'
  let text = ''
  let textAt = 0

  function drop(size: number, why: string): void {
    cutItems += 1
    cutBytes += size
    if (reason === '') reason = why
  }

  function send(id: string | undefined, json: string): void {
    post('output', 0, id ?? '', json)
  }

  function flush(): void {
    if (text === '') return
    const held = text
    text = ''
    if (!limits || !take(held.length, false, undefined)) return
    send(undefined, toText(kind, held))
  }

  /** Counts an output; false when it goes over a budget. */
  function take(size: number, isRich: boolean, id: string | undefined): boolean {
    if (!limits) return false
    const isNew = id === undefined || !hasOwn(ids, id)
    if (isNew && items >= limits.outputItems)
      return (drop(size, `${limits.outputItems} outputs (limit outputItems)`), false)
    if (isRich ? rich + size > richTimes * limits.richBytes : bytes + size > limits.outputBytes)
      return (drop(size, `${limits.outputBytes} bytes (limit outputBytes)`), false)
    if (!allow())
      return (drop(size, `${limits.messagesPerSecond} messages a second (limit messagesPerSecond)`), false)
    if (isRich) rich += size
    else bytes += size
    if (isNew) items += 1
    if (id !== undefined) ids[id] = true
    return true
  }

  return {
    open(given) {
      limits = given
      bytes = rich = items = cutItems = cutBytes = 0
      reason = text = ''
      ids = dictionary()
    },
    line(of, line) {
      if (!limits) return
      if (of !== kind) flush()
      kind = of
      const whole = line.length
      const shown = cut(line, limits.lineBytes)
      if (shown.length < whole)
        drop(whole - shown.length, `${limits.lineBytes} bytes a line (limit lineBytes)`)
      const left = limits.outputBytes - bytes - text.length
      if (shown.length >= left) {
        drop(shown.length, `${limits.outputBytes} bytes (limit outputBytes)`)
        if (left <= 0) return
      }
      if (text === '') textAt = wallNow()
      text += `${shown.length >= left ? slice(shown, 0, left - 1) : shown}\n`
      if (text.length >= joined || wallNow() - textAt >= joinedMs) flush()
    },
    emit(output) {
      if (!limits) return
      if (output.kind === 'stdout' || output.kind === 'stderr') {
        // The face ends its lines itself.
        const given = `${output.data['text/plain'] as string}`
        const ends = slice(given, given.length - 1) === '\n'
        this.line(output.kind, ends ? slice(given, 0, given.length - 1) : given)
        return
      }
      flush()
      const json = toJson(output)
      if (json.length > limits.richBytes)
        throw new $TypeError(
          `An output of ${json.length} bytes is larger than ${limits.richBytes} (limit richBytes); show less of it.`,
        )
      const isRich = ownKeys(output.data).length > 1 || json.length > 64 * 1024
      if (take(json.length, isRich, output.id)) send(output.id, json)
    },
    flush,
    close() {
      flush()
      if (cutItems === 0) return
      const note = `Output was cut after ${reason}: ${cutItems} more of ${cutBytes} characters.\n`
      cutItems = 0
      send(undefined, toText('stderr', note))
    },
  }
}

function toText(kind: 'stdout' | 'stderr', text: string): string {
  return `{"kind":"${kind}","data":{"text/plain":${stringify(text)}}}`
}

/** Put together here, so that a toJSON on a prototype can change values and never the shape. */
function toJson({ kind, data, id, append }: Output): string {
  let entries = ''
  const types = ownKeys(data)
  for (let i = 0; i < types.length; i++) {
    const type = types[i]
    if (typeof type !== 'string') continue
    const text = stringify(data[type])
    if (text !== undefined) entries += `${entries === '' ? '' : ','}${stringify(type)}:${text}`
  }
  const name = typeof id === 'string' ? `,"id":${stringify(id)}` : ''
  return `{"kind":"${kind}","data":{${entries}}${name}${append === true ? ',"append":true' : ''}}`
}
