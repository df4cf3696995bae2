/**
 * One connection to a broker. It goes to the address that the egress check returned and keeps the name for TLS. Every
 * listener is attached in the same turn in which the connection appears, so that nothing can be missed; whatever ends
 * it settles `ended` once. amqplib's own recovery is not used: it crashes or hangs on a socket lost during setup.
 */
import { connect, type Channel, type ChannelModel, type ConfirmChannel } from 'amqplib'
import { AppError } from '../error.ts'
import { toAmqpUrl, toHostPort } from './address.ts'

export interface ConnectionOptions {
  url: string
  /** The checked address to connect to (runtime/egress). */
  resolve(host: string, port: number): Promise<{ address: string }>
  /** Certificates of the authority that signed the broker's, as PEM; else those that everybody trusts. */
  ca?: string | undefined
  /** Shown in the broker's list of connections. */
  name: string
}
export interface AmqpConnection {
  channel(): Promise<Channel>
  confirmChannel(): Promise<ConfirmChannel>
  /** On a channel of its own, whose end is expected and ends nothing else. */
  trial<T>(work: (channel: Channel) => Promise<T>): Promise<T>
  /** Settles with why, once: an error of the connection or of any channel, or a close. */
  readonly ended: Promise<Error>
  readonly live: boolean
  /** Ends the session from our side. */
  fail(error: Error): void
  close(): Promise<void>
}

const setupMs = 10_000
const closeMs = 2000

export async function openConnection(options: ConnectionOptions): Promise<AmqpConnection> {
  const url = toAmqpUrl(options.url)
  const { host, port } = toHostPort(url)
  const { address } = await options.resolve(host, port)
  const model = await within(setupMs, connectTo(url, host, port, address, options))
  let live = true
  const { promise: ended, resolve: settle } = Promise.withResolvers<Error>()
  const fail = (error: unknown): void => {
    live = false
    settle(error instanceof Error ? error : new Error('The connection closed.'))
  }
  model.on('error', fail)
  model.on('close', fail)
  model.on('handler-error', fail)
  const watch = <C extends Channel>(channel: C): C => {
    channel.on('error', fail)
    channel.on('close', () => fail(new Error('The channel closed.')))
    channel.on('handler-error', fail)
    return channel
  }
  return {
    channel: async () => watch(await within(setupMs, model.createChannel())),
    confirmChannel: async () => watch(await within(setupMs, model.createConfirmChannel())),
    async trial(work) {
      const channel = await within(setupMs, model.createChannel())
      channel.on('error', () => undefined) // the failed call tells the same
      try {
        return await within(setupMs, work(channel))
      } finally {
        await channel.close().catch(() => undefined)
      }
    },
    ended,
    get live() {
      return live
    },
    fail,
    async close() {
      live = false
      await within(closeMs, model.close()).catch(() => undefined)
      destroy(model)
    },
  }
}

async function connectTo(
  url: URL,
  host: string,
  port: number,
  address: string,
  { name, ca }: ConnectionOptions,
): Promise<ChannelModel> {
  const model = await connect(
    {
      protocol: url.protocol.slice(0, -1),
      hostname: address,
      port,
      username: url.username === '' ? 'guest' : decodeURIComponent(url.username),
      password: url.username === '' ? 'guest' : decodeURIComponent(url.password),
      vhost: url.pathname.length > 1 ? decodeURIComponent(url.pathname.slice(1)) : '/',
      heartbeat: 10,
    },
    {
      noDelay: true,
      keepAlive: true,
      timeout: 5000,
      servername: host,
      ...(ca === undefined ? {} : { ca: [ca] }),
      clientProperties: { connection_name: name },
    },
  )
  model.on('error', () => undefined)
  return model
}

function destroy(model: ChannelModel): void {
  const { stream } = model.connection as unknown as { stream?: { destroy(): void } }
  stream?.destroy()
}

/** timeout: the broker took longer than `ms` for one step. What comes later is ignored. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new AppError('timeout', `The broker did not answer within ${ms / 1000} s.`)),
      ms,
    )
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
    work.catch(() => undefined)
  }
}
