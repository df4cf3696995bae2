/**
 * A TCP proxy in front of a broker, which does to its connections what networks and brokers do: cuts them, cuts them
 * in the middle of their setup, stops forwarding without closing, closes their channel, cancels their consumer. What a
 * side says is forwarded in whole frames, so that something can be said between them.
 */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import {
  createContentWatch,
  createSplitter,
  getConsumerTag,
  makeCancel,
  makeWrongAck,
  type Frame,
} from './frames.ts'

export interface Proxy {
  port: number
  /** Ends all connections at once; how many. */
  cut(): number
  /** The next connections are cut each after so many frames of the client. */
  cutSetups(frames: number[]): void
  /** What is connected now is heard no more, on both sides, and nobody is told. Later connections work; how many. */
  freeze(): number
  /** The broker closes the channel of each consumer; how many. */
  failChannels(): number
  /** The broker cancels each consumer; how many. */
  cancelConsumers(): number
  close(): Promise<void>
}
interface Link {
  cut(): void
  freeze(): void
  failChannel(): boolean
  cancelConsumer(): boolean
}

export async function openProxy(target: number): Promise<Proxy> {
  const links = new Set<Link>()
  let limits: number[] = []
  const server: Server = createServer((client) => {
    const link = openLink(client, connect(target, '127.0.0.1'), limits.shift() ?? Infinity, () =>
      links.delete(link),
    )
    links.add(link)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const all = (): Link[] => [...links]
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      const now = all()
      for (const link of now) link.cut()
      return now.length
    },
    cutSetups(frames) {
      limits = frames
    },
    freeze() {
      const now = all()
      for (const link of now) link.freeze()
      return now.length
    },
    failChannels: () => all().filter((link) => link.failChannel()).length,
    cancelConsumers: () => all().filter((link) => link.cancelConsumer()).length,
    async close() {
      const closed = new Promise((done) => server.close(done))
      for (const link of all()) link.cut()
      await closed
    },
  }
}

/** `left`: how many frames of the client it lives. */
function openLink(client: Socket, broker: Socket, left: number, onEnd: () => void): Link {
  const fromClient = createSplitter(true)
  const fromBroker = createSplitter(false)
  const watch = createContentWatch()
  let frozen = false
  let open = 2
  let consumer: { channel: number; tag: string } | undefined
  let isInContent = false
  let waiting: Buffer | undefined

  const cut = (): void => {
    client.destroy()
    broker.destroy()
  }
  function write(to: Socket, from: Socket, parts: Buffer[]): void {
    if (parts.length === 0 || to.destroyed) return
    if (to.write(parts.length === 1 ? parts[0]! : Buffer.concat(parts))) return
    from.pause()
    to.once('drain', () => from.resume())
  }
  function see(frame: Frame): Buffer[] {
    isInContent = watch(frame)
    if (frame.method === '60.21') consumer = { channel: frame.channel, tag: getConsumerTag(frame) }
    if (isInContent || !waiting) return [frame.bytes]
    const said = waiting
    waiting = undefined
    return [frame.bytes, said]
  }
  client.on('data', (chunk: Buffer) => {
    if (frozen) return
    const frames = fromClient(chunk)
    left -= frames.length
    if (left < 0) return cut()
    write(
      broker,
      client,
      frames.map(({ bytes }) => bytes),
    )
  })
  broker.on('data', (chunk: Buffer) => {
    if (!frozen) write(client, broker, fromBroker(chunk).flatMap(see))
  })
  for (const [one, other] of [
    [client, broker],
    [broker, client],
  ] as const) {
    one.setNoDelay(true)
    one.on('error', () => undefined) // told by close
    one.on('close', () => {
      if (!frozen) other.destroy()
      if (--open === 0) onEnd()
    })
  }
  return {
    cut,
    freeze() {
      frozen = true
    },
    failChannel() {
      if (frozen || !consumer) return false
      broker.write(makeWrongAck(consumer.channel))
      return true
    },
    cancelConsumer() {
      if (frozen || !consumer) return false
      const said = makeCancel(consumer.channel, consumer.tag)
      if (isInContent) waiting = said
      else client.write(said)
      return true
    },
  }
}
