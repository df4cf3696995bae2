/**
 * The samples of a first start, made in the background through the API as the first owner, with the receiver of their
 * webhooks on loopback. A failure is logged and tried again at the next start; nothing of a person's is touched.
 */
import { resolve } from 'node:path'
import { createClient } from '../runtime/api/client.ts'
import type { Logger } from '../runtime/log.ts'
import type { Runtime } from '../runtime/open.ts'
import { makeMachineTemperature } from '../runtime/sample/machine-temperature.ts'
import { openReceiver, type Receiver } from '../runtime/sample/receiver.ts'

const folder = resolve(import.meta.dirname, '../examples/machine-temperature')

export async function openSamples(
  runtime: Runtime,
  call: (request: Request) => Response | Promise<Response>,
  log: Logger,
): Promise<{ close(): Promise<void> }> {
  const settings = runtime.store.in(runtime.workspace)
  const earlier = await settings.maybe('settings', 'samples')
  const receiver = await openReceiver(Number(earlier?.['port'] ?? 0))
  const pairs = await runtime.egress.allowed(runtime.workspace)
  if (!pairs.includes(receiver.pair)) await runtime.egress.allow(runtime.workspace, [...pairs, receiver.pair])
  if (!earlier) await settings.insert('settings', [{ id: 'samples', port: receiver.port, done: false }])
  if (earlier?.['done'] !== true)
    make(receiver)
      .then(() => settings.update('settings', 'samples', { set: { done: true } }))
      .catch((error: unknown) => log.error({ err: error }, 'the sample could not be made'))
  return { close: () => receiver.close() }

  async function make({ url }: Receiver): Promise<void> {
    const client = createClient({
      base: 'http://localhost',
      fetch: (input, init) => Promise.resolve(call(new Request(input, init))),
    })
    await makeMachineTemperature({ client, folder, webhook: url })
  }
}
