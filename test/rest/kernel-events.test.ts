/** The events of a kernel over HTTP: several followers, a connection that is cut, and going on where it was. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer, type TestServer } from '../server.ts'

let server: TestServer
let project: string
beforeAll(async () => {
  server = await startServer()
  project = (await server.client.call('createProject', { body: { name: 'Events' } })).id
})
afterAll(() => server.close())

interface Event {
  id: number | null
  event: string
  data: { seq?: number; state?: string; people?: unknown[]; cell?: string | null }
}
/** Reads events until one is the last, then cuts the connection. */
async function follow(
  kernel: string,
  after: number | null,
  isLast: (event: Event) => boolean,
): Promise<Event[]> {
  const stop = new AbortController()
  const headers: Record<string, string> = after === null ? {} : { 'last-event-id': String(after) }
  const response = await server.fetch(`/kernels/${kernel}/events`, { headers, signal: stop.signal })
  const events: Event[] = []
  const decoder = new TextDecoder()
  let text = ''
  for await (const part of response.body!) {
    text += decoder.decode(part, { stream: true })
    const blocks = text.split('\n\n')
    text = blocks.pop()!
    for (const block of blocks) {
      const event = /^event: (.+)$/m.exec(block)?.[1]
      if (event === undefined) continue
      const id = /^id: (\d+)$/m.exec(block)?.[1]
      const data = JSON.parse(/^data: (.+)$/m.exec(block)![1]!) as Event['data']
      events.push({ id: id === undefined ? null : Number(id), event, data })
      if (!isLast(events.at(-1)!)) continue
      setImmediate(() => stop.abort())
      return events
    }
  }
  return events
}
async function start(name: string): Promise<{ notebook: string; kernel: string }> {
  const made = await server.client.call('createNotebook', {
    body: { name, project, cells: [{ id: 'c1', source: '' }] },
  })
  const opened = await server.client.call('openKernel', { params: { id: made.id } })
  return { notebook: made.id, kernel: opened.id }
}
const outputs = (events: Event[]): number[] =>
  events.filter(({ event }) => event === 'output').map(({ id }) => id!)

test('a follower whose connection is cut gets every output once, however often', async () => {
  const { kernel } = await start('cut')
  const source = 'for (let i = 0; i < 60; i++) { show(i); await new Promise((next) => setTimeout(next, 5)) }'
  await server.client.call('execute', { params: { id: kernel }, body: { source, cell: 'c1' } })
  const seen: number[] = []
  let isEnded = false
  while (!isEnded) {
    let count = 0
    const events = await follow(kernel, seen.at(-1) ?? null, ({ event, data }) => {
      isEnded = event === 'execution' && data.state === 'ok'
      if (event === 'output') count += 1
      return isEnded || count === 13
    })
    seen.push(...outputs(events))
  }
  const late = await follow(kernel, seen.at(-1) ?? null, ({ event }) => event === 'execution')
  expect(seen.concat(outputs(late))).toEqual(Array.from({ length: 60 }, (_, i) => i + 1))
})

test('several followers are told the same, and who else is there', async () => {
  const { kernel, notebook } = await start('shared')
  const isEnd = ({ event, data }: Event) => event === 'execution' && data.state === 'ok' && data.cell === 'c1'
  const both = [follow(kernel, null, isEnd), follow(kernel, null, isEnd)]
  const put = (body: { tab: string; cell?: string; gone?: boolean }) =>
    server.client.call('putPresence', { params: { id: notebook }, body })
  await put({ tab: 'tab-one1', cell: 'c1' })
  const { people } = await put({ tab: 'tab-two2' })
  const person = { name: 'owner', kind: 'token' }
  expect(people).toEqual([
    { ...person, id: 'tab-one1', cell: 'c1' },
    { ...person, id: 'tab-two2', cell: null },
  ])
  await server.client.call('execute', {
    params: { id: kernel },
    query: { wait: 20 },
    body: { source: 'show(1); 2', cell: 'c1' },
  })
  const [first, second] = await Promise.all(both)
  expect(outputs(first!)).toEqual([1, 2])
  expect(outputs(second!)).toEqual([1, 2])
  const told = await follow(kernel, null, ({ event }) => event === 'presence')
  expect(told.at(-1)!.data).toEqual({ people })
  await put({ tab: 'tab-one1', gone: true })
  const left = await server.client.call('findPresence', { params: { id: notebook } })
  expect(left.people.map(({ id }) => id)).toEqual(['tab-two2'])
})
