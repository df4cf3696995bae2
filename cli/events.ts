/** Server-sent events of a run, resumed after the last one when the connection breaks. */
import type { Output, Run } from '../runtime/api/runs.ts'
import { toBlocks } from './blocks.ts'
import type { Context } from './context.ts'
import { Fault, isUnreachable } from './fault.ts'

const attempts = 10
const pauseMs = 500
export type RunEvent = { event: 'output'; data: Output } | { event: 'state'; data: Run }

export async function* followRun({ client, settings, signal }: Context, id: string): AsyncIterable<RunEvent> {
  let last = ''
  for (let failures = 0; ; failures++) {
    try {
      const response = await fetch(client.url('getRunEvents', { params: { id } }), {
        headers: {
          accept: 'text/event-stream',
          ...(settings.token ? { authorization: `Bearer ${settings.token}` } : {}),
          ...(last ? { 'last-event-id': last } : {}),
        },
        signal,
      })
      if (!response.ok || !response.body)
        throw new Fault(`The run cannot be followed: HTTP ${response.status}.`)
      for await (const block of toBlocks(response.body)) {
        failures = 0
        if (block.id) last = block.id
        if (block.event === 'output' || block.event === 'state')
          yield { event: block.event, data: JSON.parse(block.data) as never }
      }
      return
    } catch (error) {
      if (signal.aborted || !isUnreachable(error) || failures >= attempts) throw error
      await new Promise((done) => setTimeout(done, pauseMs * (failures + 1)))
    }
  }
}
