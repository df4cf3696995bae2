/**
 * `suricate send`: lines of JSON from stdin to a stream, in batches that are bounded in lines, bytes and time. A batch
 * that the server cannot take now is tried again with growing pauses; reading waits meanwhile, so nothing piles up.
 */
import { createInterface } from 'node:readline'
import { ApiError } from '../runtime/api/client.ts'
import { type Command, type Context, say } from './context.ts'
import { exitCodes, Fault, isUnreachable } from './fault.ts'
import { getStreamId } from './find.ts'
import { parseFlags } from './flags.ts'

const batch = { lines: 500, bytes: 512 * 1024, ms: 1000 }
const maxLineBytes = 1_000_000
const attempts = 8

export const send: Command = {
  help: `suricate send STREAM   lines of JSON from stdin to a stream

  --raw      lines in the stream’s own format (csv, syslog, access-log, pattern, python, text …), not looked at here
  --rate N   at most N lines a second

A line that is no JSON stops it with the number of the line; what came before is sent.`,
  async run(context, args) {
    const { positional, own } = parseFlags(args, { help: 'switch', raw: 'switch', rate: 'value' })
    const [name] = positional
    if (name === undefined || positional.length > 1)
      throw new Fault('Say which stream: suricate send STREAM < lines.ndjson')
    const id = await getStreamId(context.client, name)
    const raw = own.has('raw')
    const rate = toRate(own.get('rate'))
    const most = raw && (await isSingle(context, id)) ? 1 : Math.min(batch.lines, Math.ceil(rate))
    const started = Date.now()
    let sent = 0
    const told = { accepted: 0, duplicates: 0, deadLetters: 0 }
    let lines: string[] = []
    let bytes = 0
    let since = Date.now()
    const flush = async (): Promise<void> => {
      if (lines.length === 0) return
      const body = most === 1 ? lines.join('\n') : `${lines.join('\n')}\n`
      const answer = await push(context, id, body, raw ? 'application/octet-stream' : 'application/x-ndjson')
      sent += lines.length
      for (const key of ['accepted', 'duplicates', 'deadLetters'] as const) told[key] += answer[key]
      lines = []
      bytes = 0
      await pause((sent / rate) * 1000 - (Date.now() - started))
    }
    let number = 0
    let wrong: Fault | undefined
    for await (const line of takeLines(context)) {
      number++
      if (line === undefined || line.trim() === '') {
        if (Date.now() - since >= batch.ms) await flush()
        continue
      }
      wrong = check(line, number, raw)
      if (wrong) break
      if (lines.length === 0) since = Date.now()
      lines.push(line)
      bytes += Buffer.byteLength(line) + 1
      if (lines.length >= most || bytes >= batch.bytes || Date.now() - since >= batch.ms) await flush()
    }
    await flush()
    say(context, `${told.accepted} accepted, ${told.duplicates} duplicates, ${told.deadLetters} dead letters`)
    if (wrong) throw wrong
    return told.deadLetters > 0 ? exitCodes.failed : exitCodes.done
  },
}

/** undefined: a second has passed without a line. */
async function* takeLines({ input, signal }: Context): AsyncIterable<string | undefined> {
  const reader = createInterface({ input, crlfDelay: Infinity, signal })[Symbol.asyncIterator]()
  let next = reader.next()
  for (;;) {
    const pause = Promise.withResolvers<undefined>()
    const timer = setTimeout(() => pause.resolve(undefined), batch.ms)
    const found = await Promise.race([next, pause.promise])
    clearTimeout(timer)
    if (found === undefined) yield undefined
    else if (found.done) return
    else {
      yield found.value
      next = reader.next()
    }
  }
}

/** Infinity where nobody asked for one. */
function toRate(given: string | true | undefined): number {
  if (given === undefined) return Infinity
  const rate = Number(given)
  if (!(rate > 0)) throw new Fault('--rate is a number of lines a second, more than 0.')
  return rate
}
/** Whether a message of the stream’s format is one event, so that each line needs a push of its own. */
async function isSingle({ client, signal }: Context, id: string): Promise<boolean> {
  const { format, parse } = await client.call('getStream', { params: { id }, signal })
  return ['json', 'python', 'text', 'msgpack'].includes(format) || (format === 'csv' && !parse.columns)
}
function pause(ms: number): Promise<void> {
  return ms > 0 ? new Promise((done) => setTimeout(done, ms)) : Promise.resolve()
}

function check(line: string, number: number, raw: boolean): Fault | undefined {
  if (line.length > maxLineBytes)
    return new Fault(`Line ${number} has more than 1 MB, the limit of a message.`, 1)
  if (raw) return undefined
  try {
    JSON.parse(line)
    return undefined
  } catch {
    return new Fault(`Line ${number} is no JSON: ${line.slice(0, 80)}`, 1)
  }
}

async function push({ client, signal }: Context, id: string, raw: string, mediaType: string) {
  for (let attempt = 1; ; attempt++)
    try {
      return await client.call('pushMessages', {
        params: { id },
        raw,
        mediaType,
        signal,
      })
    } catch (error) {
      const isPassing =
        isUnreachable(error) ||
        (error instanceof ApiError && [429, 502, 503, 504].includes(error.problem.status))
      if (!isPassing || attempt >= attempts) throw error
      await new Promise((done) => setTimeout(done, Math.min(10_000, 200 * 2 ** attempt)))
    }
}
