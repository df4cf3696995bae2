/** The production build of the pages beside the stand-in for the API, on one port. The session `e` is of an empty workspace. Also runs by itself: node serve.ts [PORT]. */
import { createServer, type Server } from 'node:http'
import { Readable } from 'node:stream'
import type { ReadableStream as WebStream } from 'node:stream/web'
import { fileURLToPath } from 'node:url'
import next from 'next'
import { createFakeApi } from './fake-api.ts'

const dir = fileURLToPath(new URL('../..', import.meta.url))
export interface Served {
  url: string
  close(): Promise<void>
}

export async function serve(options: { port?: number } = {}): Promise<Served> {
  const api = createFakeApi()
  const empty = createFakeApi({ empty: true })
  const pages = next({ dev: false, dir, quiet: true })
  await pages.prepare()
  const render = pages.getRequestHandler()
  const server: Server = createServer((request, response) => {
    if (!request.url?.startsWith('/api/')) return void render(request, response)
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    const hasBody = !['GET', 'HEAD', 'DELETE'].includes(request.method ?? 'GET')
    const init: RequestInit & { duplex: 'half' } = {
      method: request.method,
      headers: Object.entries(request.headers).flatMap(([key, value]) =>
        typeof value === 'string' ? [[key, value] as [string, string]] : [],
      ),
      signal: gone.signal,
      duplex: 'half',
      ...(hasBody ? { body: Readable.toWeb(request) as unknown as ReadableStream } : {}),
    }
    void Promise.resolve(
      (request.headers.cookie?.includes('suricate_session=e') ? empty : api).fetch(
        new Request(`http://localhost${request.url}`, init),
      ),
    ).then((answer) => {
      response.writeHead(answer.status, Object.fromEntries(answer.headers))
      if (!answer.body) return response.end()
      const body = Readable.fromWeb(answer.body as unknown as WebStream)
      body.on('error', () => response.destroy())
      response.on('close', () => body.destroy())
      return body.pipe(response)
    })
  })
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await pages.close()
    },
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const served = await serve({ port: Number(process.argv[2] ?? 3100) })
  process.stdout.write(`${served.url}\n`)
}
