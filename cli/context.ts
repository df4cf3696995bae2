/** What every command gets: the client, the three streams, and the environment; tests and the entry make it. */
import type { Readable, Writable } from 'node:stream'
import type { Client } from '../runtime/api/client.ts'
import type { Settings } from './settings.ts'

export interface Context {
  client: Client
  settings: Settings
  environment: { [name: string]: string | undefined }
  input: Readable
  /** Results alone. */
  output: Writable
  /** Logs and what people read beside them. */
  notes: Writable
  signal: AbortSignal
}
/** `help` is shown by `suricate NAME --help`; the first line also in the list. Answers the exit code. */
export interface Command {
  help: string
  run(context: Context, args: string[]): Promise<number>
}

export function say(context: Context, text: string): void {
  context.notes.write(`${text}\n`)
}
export function print(context: Context, text: string): void {
  context.output.write(`${text}\n`)
}
