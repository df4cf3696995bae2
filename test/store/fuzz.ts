/**
 * Random operations over every method of the store's port, from a seed. Pools are small, so that operations meet:
 * the same ids, keys, owners and streams again and again, with null, missing, nested and mixed values among them.
 * A World holds what the sequence knows (the clock, leases it was given, cursors), equal for every adapter.
 */
import type { Json, JsonObject } from '../../runtime/json.ts'
import type { Lease, NewMessage } from '../../runtime/store/log.ts'
import type { Filter, NewDocument, Patch, Query, Store } from '../../runtime/store/port.ts'
import { things, tokens, unique } from './schema.ts'

export interface World {
  workspace: string
  now: number
  leases: Map<string, Lease>
  commits: Map<string, { lease: Lease; number: number }>
  cursor: { query: Query; cursor: string } | undefined
}
export interface Operation {
  name: string
  run(store: Store): Promise<unknown>
  /** Takes what later operations build on from the result that both adapters gave. */
  learn?(result: unknown, world: World): void
}
/** Mulberry32. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
/** Far in the future, so that a server that expires documents by its own clock leaves them alone. */
export const epoch = 4_000_000_000_000

export function createFuzz(random: () => number) {
  const int = (below: number): number => Math.floor(random() * below)
  const pick = <T>(items: readonly T[]): T => items[int(items.length)]!
  const chance = (p: number): boolean => random() < p
  const some = <T>(most: number, make: () => T): T[] => Array.from({ length: int(most + 1) }, make)

  const scalars: Json[] = [
    null,
    true,
    false,
    0,
    1,
    2,
    -1.5,
    1e16,
    2 ** 60,
    1e300,
    '',
    'a',
    'b',
    'é',
    'X\u{1F600}',
    'X\uff00',
    '1',
    'B',
  ]
  const nested: Json[] = [{}, [], { a: 1 }, { a: { b: [1, { $c: null }] } }, [1, 'a', null], { 'x.y': 2 }]
  const any = (): Json => (chance(0.75) ? pick(scalars) : structuredClone(pick(nested)))
  const id = (): string => pick(['a', 'b', 'c', 'd', 'B', 'é'])
  /** A row's id goes with one start and end. */
  const rowAt = (name: string): { id: string; start: number; end: number } => {
    const code = name.codePointAt(0) ?? 0
    return { id: name, start: (code % 4) - 2, end: code % 3 }
  }
  const field = (): string =>
    pick(['name', 'size', 'on', 'at', 'state', 'tags', 'more', 'more.a', 'more.a.b', 'tags.0', 'id'])
  const time = (): number => epoch + int(20)

  const thing = (): NewDocument => {
    const document: NewDocument = { id: id() }
    for (const name of ['name', 'size', 'on', 'at', 'state'])
      if (chance(0.6)) document[name] = chance(0.97) ? pick(scalars) : any()
    if (chance(0.4))
      document['tags'] = chance(0.9) ? some(3, () => pick<Json>(['a', 'b', '', 1, null])) : any()
    if (chance(0.4)) document['more'] = any()
    return document
  }
  const single = (): NewDocument => ({
    id: id(),
    ...(chance(0.8) ? { project: pick<Json>(['p', 'q', null, 1]) } : {}),
    ...(chance(0.8) ? { name: pick<Json>(['a', 'b', '', null, true]) } : {}),
    ...(chance(0.5) ? { live: pick<Json>([true, false, 1]) } : {}),
    ...(chance(0.4) ? { expiresAt: chance(0.8) ? time() : pick<Json>([null, true, 'a', 1e300]) } : {}),
  })
  const valueOf = (name: string): Json => {
    if (name === 'size' || name === 'at') return pick([0, 1, 2, -1.5, 1e16, 2 ** 60])
    if (name === 'on' || name === 'live') return chance(0.5)
    return pick(['', 'a', 'b', 'é', 'X\u{1F600}', 'X\uff00', '1', 'B', 'c'])
  }
  const filter = (names: string[]): Filter => {
    const made: { [field: string]: unknown } = {}
    for (const name of some(2, () => pick(names))) {
      const value = (): Json => (chance(0.97) ? valueOf(name) : any())
      const kind = name === 'tags' ? pick([0, 3, 4]) : int(6)
      if (kind === 0) made[name] = null
      else if (kind === 1) made[name] = value()
      else if (kind === 2) made[name] = { $in: some(3, () => (chance(0.2) ? null : value())) }
      else if (kind === 3) made[name] = { $exists: chance(0.5) }
      else if (kind === 4)
        made[name] =
          name === 'tags'
            ? { $contains: pick<Json>(['a', 'b', 1, '']) }
            : { [pick(['$gt', '$gte', '$lt', '$lte'])]: value() }
      else made[name] = { [pick(['$gt', '$gte'])]: value(), [pick(['$lt', '$lte'])]: value() }
    }
    if (chance(0.02)) made['secret'] = 1
    return made as Filter
  }
  const thingFields = ['name', 'size', 'on', 'at', 'state', 'tags', 'id']
  const patch = (): Patch => ({
    ...(chance(0.7) ? { set: Object.fromEntries(some(3, () => [field(), any()])) } : {}),
    ...(chance(0.4) ? { unset: some(2, field) } : {}),
    ...(chance(0.4) ? { increment: Object.fromEntries(some(2, () => [field(), pick([1, -2, 0.5])])) } : {}),
  })
  const sort = (): string =>
    (chance(0.5) ? '-' : '') +
    pick(['name', 'size', 'on', 'at', 'state', 'id', ...(chance(0.03) ? ['tags', 'x'] : [])])

  const message = (): NewMessage => ({
    body: any(),
    headers: chance(0.3) ? { h: any() } : {},
    key: pick([null, 'k', 'é']),
    eventTime: int(30) - 5,
    receivedAt: int(30) - 5,
    messageId: pick([null, 'm1', 'm2']),
    redelivered: chance(0.2),
    definition: int(3),
    bytes: int(100),
    ...(chance(0.3) ? { hash: 'ab' } : {}),
  })
  const stream = (): string => pick(['s', 's', 's', 't'])
  const owner = (): string => pick(['x', 'x', 'x', 'y'])
  const limit = (): number => pick([1, 2, 3, 100])

  const documents: ((world: World) => Operation)[] = [
    ({ workspace }) => {
      const [name, made] = chance(0.6) ? [things, some(4, thing)] : [unique, some(2, single)]
      return op(`insert ${name} ${show(made)}`, (s) => s.in(workspace).insert(name, made))
    },
    ({ workspace }) => {
      const query: Query = { filter: filter(thingFields), sort: sort(), limit: limit() }
      return {
        ...op(`find ${show(query)}`, (s) => s.in(workspace).find(things, query)),
        learn(result, world) {
          const { nextCursor } = result as { nextCursor: string | null }
          world.cursor = nextCursor === null ? undefined : { query, cursor: nextCursor }
        },
      }
    },
    ({ workspace, cursor }) => {
      const query: Query = cursor
        ? { ...cursor.query, cursor: cursor.cursor, limit: limit() }
        : { sort: '-name', limit: 2 }
      return op(`find more ${show(query)}`, (s) => s.in(workspace).find(things, query))
    },
    ({ workspace }) => {
      const name = id()
      return op(`get ${name}`, (s) => s.in(workspace).get(pick([things]), name))
    },
    ({ workspace }) => {
      const name = id()
      return op(`maybe ${name}`, (s) => s.in(workspace).maybe(unique, name))
    },
    ({ workspace }) => {
      const where = filter(thingFields)
      return op(`count ${show(where)}`, (s) => s.in(workspace).count(things, where))
    },
    ({ workspace }) => {
      const [name, change, revision] = [id(), patch(), chance(0.3) ? 1 + int(3) : undefined]
      return op(`update ${name} ${show(change)} ${revision}`, (s) =>
        s.in(workspace).update(things, name, change, revision),
      )
    },
    ({ workspace }) => {
      const [name, change] = [
        id(),
        { set: { [pick(['name', 'project', 'live'])]: pick<Json>(['a', 'b', 'p', true, null]) } },
      ]
      return op(`update unique ${name} ${show(change)}`, (s) => s.in(workspace).update(unique, name, change))
    },
    ({ workspace }) => {
      const [where, change] = [filter(thingFields), patch()]
      return op(`updateMany ${show(where)} ${show(change)}`, (s) =>
        s.in(workspace).updateMany(things, where, change),
      )
    },
    ({ workspace }) => {
      const change = { set: { name: pick(['a', 'b']) } }
      return op(`updateMany unique ${show(change)}`, (s) => s.in(workspace).updateMany(unique, {}, change))
    },
    ({ workspace }) => {
      const [query, change] = [{ filter: filter(thingFields), sort: sort() }, patch()]
      return op(`findAndUpdate ${show(query)} ${show(change)}`, (s) =>
        s.in(workspace).findAndUpdate(things, query, change),
      )
    },
    ({ workspace }) => {
      const where = { ...filter(thingFields), ...(chance(0.7) ? { id: id() } : {}) }
      return op(`delete ${show(where)}`, (s) => s.in(workspace).delete(things, where))
    },
    ({ workspace }) => {
      const fields = (): string[] => some(2, () => pick(['name', 'size', 'on', 'at', 'state']))
      const numbers = (): string[] => some(2, () => pick(['size', 'at', ...(chance(0.02) ? ['name'] : [])]))
      const query = {
        filter: filter(thingFields),
        by: [...new Set(fields())],
        sum: some(1, () => 'at'),
        min: numbers(),
        max: numbers(),
      }
      return op(`aggregate ${show(query)}`, (s) => s.in(workspace).aggregate(things, query))
    },
  ]
  const log: ((world: World) => Operation)[] = [
    ({ workspace, now }) => {
      const [name, who, ttl] = [stream(), owner(), pick([100, 500])]
      return {
        ...op(`log.lease ${name} ${who} ${now}`, (s) => s.in(workspace).log.lease(name, who, now, ttl)),
        learn: (result, world) => {
          if (result) world.leases.set(`${name} ${who}`, result as Lease)
        },
      }
    },
    ({ workspace, leases }) => {
      const [name, who] = [stream(), owner()]
      const lease = leases.get(`${name} ${who}`) ?? { owner: who, epoch: 1, until: 0 }
      return op(`log.release ${name} ${show(lease)}`, (s) => s.in(workspace).log.release(name, lease))
    },
    ...Array.from({ length: 4 }, () => ({ workspace, leases }: World) => {
      const [key, held] =
        leases.size > 0 && chance(0.95)
          ? pick([...leases])
          : ['s x', { owner: 'x', epoch: 1 + int(2), until: 0 }]
      const name = (key.split(' ')[0] ?? 's') + (chance(0.2) ? '/dead' : '')
      const batch = {
        messages: [message(), ...some(4, message)].slice(chance(0.1) ? 5 : 0),
        ...(chance(0.3) ? { ackedSeq: int(9) } : {}),
        ...(chance(0.3) ? { source: any() } : {}),
      }
      return op(`log.append ${name} ${show(held)} ${show(batch)}`, (s) =>
        s.in(workspace).log.append(name, held, batch),
      )
    }),
    ({ workspace }) => {
      const name = pick(['s', 't', 's/dead'])
      return op(`log.head ${name}`, (s) => s.in(workspace).log.head(name))
    },
    ({ workspace }) => {
      const [name, from, most] = [stream(), int(12), limit()]
      return op(`log.read ${name} ${from} ${most}`, (s) => s.in(workspace).log.read(name, from, most))
    },
    ({ workspace }) => {
      const range = {
        from: int(20) - 5,
        to: int(30),
        limit: limit(),
        ...(chance(0.3) ? { afterSeq: int(9) } : {}),
      }
      return op(`log.readByArrival ${show(range)}`, (s) => s.in(workspace).log.readByArrival('s', range))
    },
    ({ workspace }) => {
      const after = chance(0.3) ? { after: { eventTime: int(20) - 5, seq: int(9) } } : {}
      const range = { from: int(20) - 5, to: int(30), limit: limit(), ...after }
      return op(`log.readByEventTime ${show(range)}`, (s) => s.in(workspace).log.readByEventTime('s', range))
    },
    ({ workspace }) => {
      const most = limit()
      return op(`log.last ${most}`, (s) => s.in(workspace).log.last('s', most))
    },
    ({ workspace }) => {
      const [from, most] = [int(9), limit()]
      return op(`log.identities ${from} ${most}`, (s) => s.in(workspace).log.identities('s', from, most))
    },
    ({ workspace }) => {
      const [from, to, bucket] = [int(20) - 8, int(40), 1 + int(9)]
      return op(`log.rates ${from} ${to} ${bucket}`, (s) => s.in(workspace).log.rates('s', from, to, bucket))
    },
    ({ workspace }) => {
      const [name, before] = [stream(), chance(0.2) ? int(40) : int(7)]
      return op(`log.trim ${name} ${before}`, (s) => s.in(workspace).log.trim(name, before))
    },
    ({ workspace }) =>
      chance(0.1)
        ? op('log.drop s', (s) => s.in(workspace).log.drop('s'))
        : op('log.head t', (s) => s.in(workspace).log.head('t')),
  ]
  const deployment = (): string => pick(['d', 'd', 'd', 'e'])
  const commits: ((world: World) => Operation)[] = [
    ({ workspace, now }) => {
      const [name, who] = [deployment(), owner()]
      return {
        ...op(`commits.lease ${name} ${who} ${now}`, (s) =>
          s.in(workspace).commits.lease(name, who, now, 300),
        ),
        learn: (result, world) => {
          const number = world.commits.get(name)?.number ?? 0
          if (result) world.commits.set(name, { lease: result as Lease, number })
        },
      }
    },
    ({ workspace, commits: held }) => {
      const name = deployment()
      const lease = held.get(name)?.lease ?? { owner: 'x', epoch: 1, until: 0 }
      return chance(0.1)
        ? op(`commits.release ${name} ${show(lease)}`, (s) => s.in(workspace).commits.release(name, lease))
        : op(`commits.head ${name}`, (s) => s.in(workspace).commits.head(name))
    },
    ...Array.from({ length: 3 }, () => ({ workspace, commits: known }: World) => {
      const name = deployment()
      const held = known.get(name) ?? { lease: { owner: 'x', epoch: 1, until: 0 }, number: 0 }
      const number = held.number + (chance(0.9) ? 1 : 1 + int(3))
      const key = (): string => pick(['k', 'l', 'é', 'm.n', '$o'])
      const commit = {
        deployment: name,
        lease: chance(0.95) ? held.lease : { ...held.lease, epoch: held.lease.epoch + 1 },
        number,
        offsets: { s: int(9) },
        clocks: any(),
        state: Object.fromEntries(some(3, () => [key(), any()])),
        rows: some(3, () => ({
          ...rowAt(id()),
          key: pick([null, 'k']),
          pane: int(2),
          at: int(9),
          fields: { v: any() } as JsonObject,
        })),
        outbox: some(2, () => ({ id: id(), kind: 'webhook', at: int(9), body: { v: any() } as JsonObject })),
      }
      return {
        ...op(`commits.commit ${show(commit)}`, (s) => s.in(workspace).commits.commit(commit)),
        learn: (_: unknown, world: World) => {
          world.commits.set(name, { ...held, number })
        },
      }
    }),
    ({ workspace }) => {
      const [name, after, most] = [deployment(), pick([null, 'k', 'é']), limit()]
      return op(`commits.state ${name} ${after} ${most}`, (s) =>
        s.in(workspace).commits.state(name, after, most),
      )
    },
    ({ workspace }) => {
      const after = chance(0.3)
        ? { after: chance(0.5) ? rowAt(id()) : { end: int(3), start: int(5) - 2, id: id() } }
        : {}
      const query = {
        ...(chance(0.4) ? { from: int(4) - 1 } : {}),
        ...(chance(0.4) ? { to: int(4) } : {}),
        limit: limit(),
        newest: chance(0.5),
        ...after,
      }
      return op(`commits.rows ${show(query)}`, (s) => s.in(workspace).commits.rows('d', query))
    },
    ({ workspace }) => {
      const query = { ...(chance(0.4) ? { deployment: deployment() } : {}), limit: limit() }
      return op(`commits.outbox ${show(query)}`, (s) => s.in(workspace).commits.outbox(query))
    },
    ({ workspace }) => {
      const [name, ids] = [deployment(), some(3, id)]
      return op(`commits.settle ${name} ${ids.join()}`, (s) => s.in(workspace).commits.settle(name, ids))
    },
    ({ workspace }) =>
      chance(0.1)
        ? {
            ...op('commits.drop d', (s) => s.in(workspace).commits.drop('d')),
            learn: (_, world) => void world.commits.delete('d'),
          }
        : op('commits.state e', (s) => s.in(workspace).commits.state('e', null, 1_000)),
  ]
  const hashes = ['2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824', '0'.repeat(64), 'x']
  const others: ((world: World) => Operation)[] = [
    ({ workspace }) => {
      const [data, options] = [Buffer.from(pick(['hello', '', 'x'])), chance(0.3) ? { maxBytes: 3 } : {}]
      return op(`blobs.put ${data.toString()}`, (s) => s.in(workspace).blobs.put(data, options))
    },
    ({ workspace }) => {
      const sha = pick(hashes)
      return op(`blobs.has ${sha}`, (s) => s.in(workspace).blobs.has(sha))
    },
    ({ workspace }) => {
      const [sha, start] = [pick(hashes), int(7)]
      const end = start + int(4) - (chance(0.1) ? 1 : 0)
      return op(`blobs.read ${sha} ${start} ${end}`, async (s) => {
        const pieces: Buffer[] = []
        for await (const piece of await s.in(workspace).blobs.read(sha, { start, end }))
          pieces.push(piece as Buffer)
        return Buffer.concat(pieces).toString()
      })
    },
    ({ workspace }) => {
      const sha = pick(hashes)
      return op(`blobs.bytes ${sha}`, async (s) =>
        Buffer.from(await s.in(workspace).blobs.bytes(sha)).toString(),
      )
    },
    ({ workspace }) => {
      const sha = pick(hashes)
      return op(`blobs.file ${sha}`, async (s) => (await s.in(workspace).blobs.file(sha)).endsWith(sha))
    },
    ({ workspace }) => {
      const sha = pick(hashes)
      return op(`blobs.delete ${sha}`, (s) => s.in(workspace).blobs.delete(sha))
    },
    ({ workspace, now }) => {
      const query = { filter: filter(thingFields), sort: sort(), owner: owner(), now, until: now + int(300) }
      // Where it looks is every workspace of the sequences before, too.
      return op(`claimDue ${show(query)}`, async (s) => {
        const found = await s.system.claimDue(things, query)
        return found && { mine: found.workspace === workspace, ...found }
      })
    },
    () => {
      const at = time()
      return op(`expire ${at}`, (s) => s.system.expire(at))
    },
    ({ workspace }) =>
      op('createWorkspace', (s) => s.system.createWorkspace({ id: workspace, name: 'n', createdAt: 1 })),
    () =>
      op('findWorkspaces', async (s) =>
        (await s.system.findWorkspaces()).filter(({ id: name }) => name !== 'tenant0'),
      ),
    () => {
      const hash = `h${int(500)}`
      return chance(0.5)
        ? op(`insert token ${hash}`, (s) => s.in('tenant0').insert(tokens, [{ id: hash, hash }]))
        : op(`resolveToken ${hash}`, (s) => s.system.resolveToken(hash))
    },
    () => op('migrate', (s) => s.system.migrate()),
  ]
  const themes = [
    { first: documents.slice(0, 1), rest: documents, often: 3 },
    { first: log.slice(0, 1), rest: log, often: 2 },
    { first: commits.slice(0, 1), rest: commits, often: 2 },
    { first: others.slice(0, 1), rest: others, often: 1 },
  ]
  const theme = pick(themes.flatMap((one) => Array.from({ length: one.often }, () => one)))
  let made = 0
  return {
    /** At most 40, mostly about one part of the store, which begins with what fills it. */
    next(world: World): Operation {
      world.now += chance(0.2) ? int(700) : int(20)
      made++
      const { first, rest } = chance(0.15) ? pick(themes) : theme
      return pick(made < 5 ? first : rest)(world)
    },
    length: () => 1 + int(40),
  }
}
function op(name: string, run: (store: Store) => Promise<unknown>): Operation {
  return { name, run }
}
function show(value: unknown): string {
  return JSON.stringify(value)
}
