import { expect, test } from 'vitest'
import { openConnections } from '../../app/api/connections.ts'
import { eventStream } from '../../app/api/events.ts'
import type { Actor } from '../../runtime/access/actor.ts'
import { AppError } from '../../runtime/error.ts'

const actor: Actor = {
  workspace: 'w1',
  member: 'm1',
  name: 'one',
  role: 'owner',
  rights: ['read'],
  projects: null,
  platformOwner: false,
}
const request = new Request('http://localhost/api/v1/events')
const never = () => new Promise<Actor>(() => undefined)

test('open() is bounded by workspace and in all, and release() makes room once', () => {
  const connections = openConnections({ authenticate: never, limits: { perWorkspace: 2, inAll: 3 } })
  const first = connections.open(actor, request)
  connections.open(actor, request)
  expect(() => connections.open(actor, request)).toThrow('2 event streams are open, the limit.')
  connections.open({ ...actor, workspace: 'w2' }, request)
  expect(() => connections.open({ ...actor, workspace: 'w3' }, request)).toThrow('3 event streams are open')
  first.release()
  first.release()
  expect(connections.count).toBe(2)
  connections.open(actor, request)
  expect(() => connections.open(actor, request)).toThrow('limit')
})

const changes: [string, () => Promise<Actor>, boolean][] = [
  ['is revoked', () => Promise.reject(new AppError('unauthorized', 'gone')), true],
  ['is of another member', () => Promise.resolve({ ...actor, member: 'm2' }), true],
  ['may no longer read', () => Promise.resolve({ ...actor, rights: [] }), true],
  ['is confined to projects', () => Promise.resolve({ ...actor, projects: ['p1'] }), true],
  ['is as before', () => Promise.resolve({ ...actor }), false],
  ['cannot be looked up', () => Promise.reject(new Error('store')), false],
]
test.each(changes)('a stream whose token %s: the end of it is %#', async (_, authenticate, ends) => {
  let asked = 0
  const connections = openConnections({
    authenticate: () => ((asked += 1), authenticate()),
    limits: { recheckMs: 5 },
  })
  const connection = connections.open(actor, request)
  const { signal } = connection
  await expect.poll(() => (ends ? signal.aborted : asked > 2)).toBe(true)
  expect(signal.aborted).toBe(ends)
  connection.release()
})

test('eventStream ends and releases when the right to it is gone, and when the client goes', async () => {
  const ending = new AbortController()
  const source = async function* (_: string | null, signal: AbortSignal) {
    yield { event: 'first', data: 1 }
    if (!signal.aborted)
      await new Promise<void>((done) => signal.addEventListener('abort', () => done(), { once: true }))
  }
  let released = 0
  const open = () =>
    eventStream({ signal: ending.signal, lastEventId: null, release: () => (released += 1) }, source)
  const gone = open().body!.getReader()
  await gone.read()
  await gone.cancel()
  expect(released).toBe(1)
  const text = open().text()
  await Promise.resolve()
  ending.abort()
  expect(await text).toBe(': connected\n\nevent: first\ndata: 1\n\n')
  expect(released).toBeGreaterThanOrEqual(2)
})
