/** `suricate run` and `suricate logs`: a run with parameters as flags; its logs, its result, its end as exit code. */
import type { Output, Run, RunState } from '../runtime/api/runs.ts'
import { type Command, type Context, print, say } from './context.ts'
import { followRun } from './events.ts'
import { exitCodes, Fault } from './fault.ts'
import { getNotebook } from './find.ts'
import { describeParameters, type OwnFlags, parseFlags, toProperties } from './flags.ts'

const flags: OwnFlags = { wait: 'switch', help: 'switch', version: 'value', quiet: 'switch' }
const codeOf: { [State in RunState]: number } = {
  succeeded: exitCodes.done,
  failed: exitCodes.failed,
  timed_out: exitCodes.timedOut,
  cancelled: exitCodes.cancelled,
  skipped: exitCodes.skipped,
  queued: exitCodes.done,
  running: exitCodes.done,
}
const usage = `suricate run NOTEBOOK [--PARAMETER VALUE ...] [--wait]   run a notebook, by name or id

  --wait          follow it: logs on stderr, the result as JSON on stdout, the end as exit code
  --quiet         with --wait: no logs
  --version N     a saved version; default: the notebook as it is now
  -p NAME=VALUE   a parameter whose name is one of these flags

Exit codes: 0 succeeded, 1 failed, 2 wrong usage, 3 timed out, 4 cancelled, 5 skipped, 6 no server.`

export const run: Command = {
  help: usage,
  async run(context, args) {
    const wanted = args.find((arg) => !arg.startsWith('-'))
    if (wanted === undefined) throw new Fault(`Say which notebook.\n\n${usage}`)
    const notebook = await getNotebook(context.client, wanted)
    const isHelp = args.includes('--help')
    if (isHelp) {
      print(context, `${usage}\n\n${describeParameters(notebook.parameters)}`)
      return exitCodes.done
    }
    const { positional, own, parameters } = parseFlags(args, flags, toProperties(notebook.parameters))
    if (positional.length > 1) throw new Fault(`One notebook runs; there is also "${positional[1]}".`)
    const version = own.get('version')
    if (version !== undefined && !/^\d+$/.test(String(version)))
      throw new Fault(`--version is a number, not "${String(version)}".`)
    const made = await context.client.call('createRun', {
      params: { id: notebook.id },
      body: { parameters, ...(version === undefined ? {} : { version: Number(version) }) },
      idempotencyKey: crypto.randomUUID(),
    })
    if (!own.has('wait')) {
      print(context, JSON.stringify({ id: made.id, state: made.state, notebook: made.notebook }))
      return exitCodes.done
    }
    say(context, `Run ${made.id} of "${notebook.name}" v${made.notebook.version}`)
    const ended = await follow(context, made.id, own.has('quiet') ? undefined : context.notes)
    if (ended.error) say(context, toErrorLine(ended))
    print(context, JSON.stringify(ended.result ?? null))
    return codeOf[ended.state]
  },
}

export const logs: Command = {
  help: 'suricate logs RUN   the logs of a run, until it ends',
  async run(context, args) {
    const { positional } = parseFlags(args, { help: 'switch' })
    const [id] = positional
    if (id === undefined || positional.length > 1) throw new Fault('Say which run: suricate logs RUN')
    const ended = await follow(context, id, context.output)
    say(context, ended.error ? toErrorLine(ended) : `The run ended as ${ended.state}.`)
    return codeOf[ended.state]
  },
}

async function follow(context: Context, id: string, out: Context['output'] | undefined): Promise<Run> {
  await context.client.call('getRun', { params: { id } })
  let last: Run | undefined
  for await (const event of followRun(context, id))
    if (event.event === 'state') last = event.data
    else out?.write(toText(event.data))
  if (!last) throw new Fault(`The run ${id} told nothing of its state.`, exitCodes.failed)
  return last
}

/** The text of an output, without what would steer a terminal. */
function toText({ kind, data }: Output): string {
  if (kind === 'error') return ''
  const plain =
    typeof data['text/plain'] === 'string' ? data['text/plain'] : `[${Object.keys(data).join(', ')}]`
  const text = plain.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
  return text.endsWith('\n') ? text : `${text}\n`
}
function toErrorLine({ state, error }: Run): string {
  const { name, message, line, cell } = error!
  const place = cell === undefined ? '' : ` (cell ${cell}${line === undefined ? '' : `, line ${line}`})`
  return `The run ended as ${state}: ${name}: ${message}${place}`
}
