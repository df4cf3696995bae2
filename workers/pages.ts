/** Next, in this process, for the pages alone; it opens no store, queue or pool. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import next from 'next'
import type { Logger } from '../runtime/log.ts'

export interface Pages {
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>
}

export async function openPages(folder: string, log: Logger): Promise<Pages> {
  const app = next({ dev: false, dir: folder, quiet: true })
  const started = performance.now()
  await app.prepare()
  log.info({ ms: Math.round(performance.now() - started) }, 'pages are ready')
  const handle = app.getRequestHandler()
  return { answer: (request, response) => handle(request, response) }
}
