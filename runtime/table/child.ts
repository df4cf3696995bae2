/**
 * The table child: one command at a time from stdin, one event back on stdout. It owns nothing: its files, limits and
 * end are the parent's. End of stdin is its end, so that it never outlives the parent.
 */
import { writeSync } from 'node:fs'
import { isAppError, toMessage } from '../error.ts'
import type { Json } from '../json.ts'
import { openEngine, query, toTableError } from './engine.ts'
import { createFrameReader, toFrame } from './frame.ts'
import { inspect } from './inspect.ts'
import type { TableCommand, TableEvent } from './message.ts'
import { profile } from './profile.ts'

export async function runTableChild(): Promise<void> {
  // the first engine of a process costs ten times the later ones
  const engine = await openEngine([], 256)
  await query(engine.connection, 'select 1', [], 1)
  engine.close()
  let last = Promise.resolve()
  const read = createFrameReader(
    (frame) => {
      last = last.then(() => answer(frame.json as unknown as TableCommand))
    },
    64 * 1024 * 1024,
  )
  process.stdin.on('data', read)
  process.stdin.on('end', () => process.exit(0))
  send({ type: 'ready', id: 0 })
}

async function answer(command: TableCommand): Promise<void> {
  try {
    const engine = await openEngine(command.files, command.memoryMb, command.type === 'query')
    try {
      await perform(command, engine.connection)
    } finally {
      engine.close()
    }
  } catch (error) {
    const known = toTableError(error, command.files)
    const code = isAppError(known, 'limit') || isAppError(known, 'too-large') ? known.code : 'invalid'
    send({
      type: 'error',
      id: command.id,
      code: code as 'invalid' | 'limit' | 'too-large',
      message: toMessage(known).slice(0, 4000),
      details: known.details as { [key: string]: Json },
    })
  }
}

async function perform(
  command: TableCommand,
  connection: Awaited<ReturnType<typeof openEngine>>['connection'],
): Promise<void> {
  switch (command.type) {
    case 'query': {
      const { columns, parts, rows, truncated } = await query(
        connection,
        command.sql,
        command.parameters,
        command.maxRows,
      )
      return send({ type: 'result', id: command.id, columns, rows, truncated }, parts)
    }
    case 'inspect':
      return send({
        type: 'inspection',
        id: command.id,
        inspection: await inspect(connection, command.files[0]!),
      })
    case 'profile':
      return send({ type: 'profile', id: command.id, columns: await profile(connection, command.files[0]!) })
  }
}

/** Blocking, so that a result is not held twice; whoever does not read ends this process at its limit of time. */
function send(event: TableEvent, binary: Uint8Array[] = []): void {
  for (const part of toFrame(event as unknown as Json, binary))
    for (let at = 0; at < part.byteLength;) at += writeSync(1, part, at)
}
