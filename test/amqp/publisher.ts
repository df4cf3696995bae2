import { connect, type ConfirmChannel } from 'amqplib'

const unconfirmedAtOnce = 500

/**
 * Publishes to a queue with message id, persistent and confirmed; what is not confirmed is sent again after a lost
 * connection, as a careful publisher does. Resolves when everything is confirmed.
 */
export async function publishAll(
  url: string,
  queue: string,
  messages: { id: string; body: string }[],
  onConfirmed: (count: number) => void = () => undefined,
): Promise<void> {
  const left = new Map(messages.map((message) => [message.id, message]))
  for (let attempts = 0; left.size > 0; attempts++) {
    if (attempts > 600) throw new Error(`${left.size} messages could not be published.`)
    try {
      await attempt(url, queue, left, () => onConfirmed(messages.length - left.size))
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100)) // the broker is away
    }
  }
}

async function attempt(
  url: string,
  queue: string,
  left: Map<string, { id: string; body: string }>,
  onConfirmed: () => void,
): Promise<void> {
  const connection = await connect(url, { timeout: 5000 })
  const lost = new Promise<never>((_resolve, reject) => {
    connection.on('error', reject)
    connection.on('close', () => reject(new Error('closed')))
  })
  lost.catch(() => undefined)
  try {
    const channel = await Promise.race([connection.createConfirmChannel(), lost])
    channel.on('error', () => undefined)
    for (let group = next(left); group.length > 0; group = next(left)) {
      await Promise.race([Promise.all(group.map((message) => send(channel, queue, message, left))), lost])
      onConfirmed()
    }
  } finally {
    await connection.close().catch(() => undefined)
  }
}

function next(left: Map<string, { id: string; body: string }>): { id: string; body: string }[] {
  return left.values().take(unconfirmedAtOnce).toArray()
}

function send(
  channel: ConfirmChannel,
  queue: string,
  message: { id: string; body: string },
  left: Map<string, unknown>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { persistent: true, messageId: message.id, mandatory: true }
    channel.publish('', queue, Buffer.from(message.body), options, (error: unknown) => {
      if (error) return reject(error instanceof Error ? error : new Error('refused'))
      left.delete(message.id)
      resolve()
    })
  })
}
