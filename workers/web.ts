/**
 * The server: one node:http server and one Runtime. It answers /api/v1, /api/session and /login itself and gives
 * everything else to Next, which never sees the body of an API request.
 */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { createApi } from '../app/api/api.ts'
import { createHandlers } from '../app/api/handlers.ts'
import { toResponse } from '../app/api/problem.ts'
import { answerSession, checkHost, createAuthenticate, type SessionOptions } from '../app/api/session.ts'
import { isLoopback, toConfig, type Config } from '../runtime/config.ts'
import { AppError, toMessage } from '../runtime/error.ts'
import { openLog } from '../runtime/log.ts'
import { openRuntime, type Runtime } from '../runtime/open.ts'
import { openPages } from './pages.ts'
import { openSamples } from './samples.ts'

const bodyWaitMs = 900_000

async function serve(config: Config): Promise<void> {
  if (!isLoopback(config.HOST) && (!config.SURICATE_TOKEN || config.SURICATE_SINGLE_USER))
    throw new AppError(
      'invalid',
      `HOST is ${config.HOST}: beyond loopback Suricate starts only with SURICATE_TOKEN set and SURICATE_SINGLE_USER=0.`,
    )
  const terminal = process.stdout.isTTY
  const log = openLog({ level: config.SURICATE_LOG, folder: config.SURICATE_DATA, terminal, role: 'web' })
  const server = createServer({
    requestTimeout: bodyWaitMs,
    headersTimeout: 30_000,
    keepAliveTimeout: 65_000,
  })
  const address = await listen(server, config)
  const runtime = await openRuntime(config, { log, version: findVersion(), ownPorts: () => [address.port] })
  const pages = await openPages(resolve(import.meta.dirname, '..'), log)
  const options = sessionOptions(config, runtime)
  const shared = {
    handlers: createHandlers(runtime),
    store: runtime.store,
    clock: runtime.clock,
    log,
    version: runtime.version,
  }
  const authenticate = createAuthenticate(options)
  const api = createApi({ ...shared, authenticate, onAnswer: runtime.metrics.answered })
  const listener = getRequestListener(
    async (request) => {
      try {
        checkHost(request, options)
      } catch (error) {
        if (error instanceof AppError) return toResponse(error, new URL(request.url).pathname)
        throw error
      }
      return (await answerSession(request, options)) ?? api.fetch(request)
    },
    { overrideGlobalObjects: false },
  )
  server.removeAllListeners('request')
  server.on('request', (request, response) => {
    const path = request.url ?? '/'
    const ours = /^\/(api\/v1|api\/session|login)([/?]|$)/.test(path)
    const answered = ours ? listener(request, response) : pages.answer(request, response)
    Promise.resolve(answered).catch((error: unknown) => {
      log.error({ err: error }, 'request failed')
      if (!response.headersSent) response.statusCode = 500
      response.end()
    })
  })
  const samples = config.SURICATE_SAMPLES
    ? await openSamples(
        runtime,
        createApi({ ...shared, authenticate: () => runtime.access.firstOwner() }).fetch,
        log,
      )
    : undefined
  tell(config, address, runtime, terminal)
  const stop = async (): Promise<void> => {
    server.closeAllConnections()
    server.close()
    await Promise.race([
      Promise.all([samples?.close(), runtime.close()]),
      new Promise((done) => setTimeout(done, 10_000).unref()),
    ])
    process.exit(0)
  }
  let stopping = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (!stopping) void stop()
      stopping = true
    })
}

function findVersion(): string {
  const file = new URL('../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}

/** Listens at once, so that a taken port is known before anything starts; requests wait for the rest. */
function listen(server: ReturnType<typeof createServer>, config: Config): Promise<AddressInfo> {
  const early = (_: unknown, response: ServerResponse): void => {
    response
      .writeHead(503, { 'retry-after': '1', 'content-type': 'text/plain' })
      .end('Suricate is starting.\n')
  }
  server.on('request', early)
  return new Promise((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      fail(
        error.code === 'EADDRINUSE'
          ? new AppError('conflict', `Port ${config.PORT} is taken. Choose another one: PORT=3001 npm start`)
          : error,
      ),
    )
    server.listen(config.PORT, config.HOST, () => done(server.address() as AddressInfo))
  })
}

function sessionOptions(config: Config, runtime: Runtime): SessionOptions {
  const named = config.NEXTAUTH_URL ? new URL(config.NEXTAUTH_URL) : undefined
  return {
    access: runtime.access,
    isOwnHost: (host) =>
      isLoopback(host.replace(/^\[|\]$/g, '')) || host === config.HOST || host === named?.hostname,
    secure: named?.protocol === 'https:',
  }
}

/** To the terminal, never to a log: the code signs in. */
function tell(config: Config, address: AddressInfo, runtime: Runtime, terminal: boolean): void {
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
  const base = `http://${host}:${address.port}`
  const login = terminal && isLoopback(config.HOST) ? `/login?code=${runtime.access.makeLoginCode()}` : ''
  process.stdout.write(`\nSuricate is up: ${base}${login}\n`)
  if (login) process.stdout.write('The link signs you in once, within 10 minutes.\n')
}

// A promise that nobody waited for is a fault of ours; it must not take everybody's streams and kernels with it.
process.on('unhandledRejection', (error) => {
  process.stderr.write(
    `${JSON.stringify({ level: 50, msg: 'unhandled rejection', error: toMessage(error) })}\n`,
  )
})
try {
  await serve(toConfig(process.env))
} catch (error) {
  process.stderr.write(`Suricate cannot start: ${toMessage(error)}\n`)
  process.exit(1)
}
