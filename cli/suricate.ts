/** The `suricate` command: a client of the REST API. Results go to stdout, everything else to stderr. */
import { createClient } from '../runtime/api/client.ts'
import { collect } from './collect.ts'
import type { Command, Context } from './context.ts'
import { doctor } from './doctor.ts'
import { exitCodes, toLine } from './fault.ts'
import { pull, push } from './files.ts'
import { login } from './login.ts'
import { logs, run } from './run.ts'
import { send } from './send.ts'
import { readSettings } from './settings.ts'

const commands: { [name: string]: Command } = { login, run, logs, push, pull, send, collect, doctor }

async function main(args: string[]): Promise<number> {
  const [name = '', ...rest] = args
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) {
    const isHelp = ['', '--help', '-h', 'help'].includes(name)
    const lines = Object.values(commands).map(({ help }) => `  ${help.split('\n')[0]}`)
    const text = `Usage: suricate COMMAND\n\n${lines.join('\n')}\n\nsuricate COMMAND --help tells more.\n`
    if (isHelp) process.stdout.write(text)
    else process.stderr.write(`There is no command "${name}".\n\n${text}`)
    return isHelp ? exitCodes.done : exitCodes.usage
  }
  const isHelp = rest.includes('--help') || rest.includes('-h')
  if (isHelp && (command !== run || rest.every((arg) => arg.startsWith('-')))) {
    process.stdout.write(`${command.help}\n`)
    return exitCodes.done
  }
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  process.once('SIGTERM', () => stop.abort())
  let base = ''
  try {
    const settings = readSettings(process.env)
    base = settings.url
    const { url, token } = settings
    const context: Context = {
      client: createClient({ base: url, ...(token ? { token } : {}) }),
      settings,
      environment: process.env,
      input: process.stdin,
      output: process.stdout,
      notes: process.stderr,
      signal: stop.signal,
    }
    return await command.run(context, rest)
  } catch (error) {
    if (stop.signal.aborted) return 130
    const { text, exitCode } = toLine(error, base)
    process.stderr.write(`${text}\n`)
    return exitCode
  }
}

// a pipe that was closed behind us, as by `head`
process.stdout.on('error', () => process.exit(0))
process.exitCode = await main(process.argv.slice(2))
process.stdin.destroy()
