import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../runtime/json.ts'
import type { CollectionName } from '../../runtime/store/collections.ts'
import type { Filter, NewDocument, Patch, Query, WorkspaceStore } from '../../runtime/store/port.ts'
import type { Subject } from './conformance.ts'
import { things, unique } from './schema.ts'

const ids = async (store: WorkspaceStore, query: Query): Promise<string[]> =>
  (await store.find(things, query)).items.map(({ id }) => id)
const rejects = (work: Promise<unknown>, code: string): Promise<void> =>
  expect(work).rejects.toMatchObject({ name: 'AppError', code })

export function documentCases(subject: Subject): void {
  describe('insert, get', () => {
    test('what was inserted comes back with id and revision 1', async () => {
      const store = subject.in()
      const document = {
        id: 'a',
        name: 'n',
        nested: { 'a.b': 1, $c: [null, true, 1e300, 'é\u{1F600}'] },
        z: null,
      }
      expect(await store.insert(things, [document])).toEqual([{ ...document, revision: 1 }])
      expect(await store.get(things, 'a')).toEqual({ ...document, revision: 1 })
      expect(Object.keys(await store.get(things, 'a'))).toEqual(['id', 'name', 'nested', 'z', 'revision'])
    })
    test('an id that is missing or of another workspace is not-found', async () => {
      const [one, two] = [subject.in(), subject.in()]
      await one.insert(things, [{ id: 'a', name: 'secret' }])
      expect(await two.maybe(things, 'a')).toBeUndefined()
      expect(await two.count(things)).toBe(0)
      await rejects(two.get(things, 'a'), 'not-found')
      await rejects(two.update(things, 'a', { set: { name: 'x' } }), 'not-found')
      expect(await two.updateMany(things, {}, { set: { name: 'x' } })).toBe(0)
      expect(await two.findAndUpdate(things, { filter: {} }, { set: { name: 'x' } })).toBeUndefined()
      expect(await two.delete(things, {})).toBe(0)
      expect(await two.aggregate(things, { by: ['name'] })).toEqual([])
      expect(await one.get(things, 'a')).toEqual({ id: 'a', name: 'secret', revision: 1 })
    })
    test('an id that exists is a conflict, and those before it stay', async () => {
      const store = subject.in()
      await store.insert(things, [{ id: 'b' }])
      await rejects(store.insert(things, [{ id: 'a' }, { id: 'b' }, { id: 'c' }]), 'conflict')
      expect(await ids(store, {})).toEqual(['a', 'b'])
    })
    test.each<[string, NewDocument]>([
      ['an object in a declared field', { id: 'a', name: { first: 'x' } }],
      ['a list in a declared field', { id: 'a', size: [1] }],
      ['NUL in a declared field', { id: 'a', name: 'a\0b' }],
      ['a lone surrogate in a declared field', { id: 'a', name: '\ud800' }],
      ['an empty id', { id: '' }],
      ['201 levels', { id: 'a', deep: deep(201) }],
    ])('%s is invalid', async (_, document) => {
      await rejects(subject.in().insert(things, [document]), 'invalid')
    })
    test('10,000 levels are invalid, 8 MB are too-large', async () => {
      await rejects(subject.in().insert(things, [{ id: 'a', deep: deep(10_000) }]), 'invalid')
      await rejects(subject.in().insert(things, [{ id: 'a', text: 'x'.repeat(8_000_001) }]), 'too-large')
    })
    test('an unknown collection is invalid', async () => {
      await rejects(subject.in().insert('nothing' as CollectionName, [{ id: 'a' }]), 'invalid')
    })
  })

  describe('filters', () => {
    const documents: NewDocument[] = [
      { id: 'a', name: 'x', size: 1, on: true, tags: ['p', 'q'] },
      { id: 'b', name: 'y', size: 2.5, on: false, tags: [] },
      { id: 'c', name: null, size: -3, tags: null },
      { id: 'd', size: '2' },
      { id: 'e', name: '', size: true, on: 0, tags: 'p' },
      { id: 'f', name: 'x\u{1F600}', size: 1e16, tags: ['P', 7] },
    ]
    test.each<[Filter, string]>([
      [{}, 'abcdef'],
      [{ id: 'c' }, 'c'],
      [{ id: { $gt: 'b', $lte: 'd' } }, 'cd'],
      [{ id: { $in: ['a', 'z'] } }, 'a'],
      [{ name: 'x' }, 'a'],
      [{ name: null }, 'cd'],
      [{ name: { $exists: true } }, 'abef'],
      [{ name: { $exists: false } }, 'cd'],
      [{ name: { $in: ['x', null] } }, 'acd'],
      [{ name: { $in: [] } }, ''],
      [{ name: { $gte: '' } }, 'abef'],
      [{ name: { $gt: 'x', $lt: 'y' } }, 'f'],
      [{ name: { $lt: 'x' } }, 'e'],
      [{ size: 1 }, 'a'],
      [{ size: { $gt: 1 } }, 'bf'],
      [{ size: { $lte: 1 } }, 'ac'],
      [{ size: { $gte: -3, $lt: 2.5 } }, 'ac'],
      [{ size: 1e16 }, 'f'],
      [{ on: true }, 'a'],
      [{ on: false }, 'b'],
      [{ tags: { $contains: 'p' } }, 'a'],
      [{ tags: { $contains: 7 } }, 'f'],
      [{ tags: { $exists: false } }, 'cd'],
      [{ tags: null }, 'cd'],
      [{ name: 'x', on: true, size: { $lt: 5 } }, 'a'],
    ])('%j finds %s', async (filter, expected) => {
      const store = subject.in()
      await store.insert(things, documents)
      expect((await ids(store, { filter })).join('')).toBe(expected)
      expect(await store.count(things, filter)).toBe(expected.length)
    })
    test.each<[unknown]>([
      [{ secret: 1 }],
      [{ 'name.x': 'a' }],
      [{ $or: [] }],
      [{ constructor: 'a' }],
      [{ name: 1 }],
      [{ name: undefined }],
      [{ size: 'x' }],
      [{ size: Number.NaN }],
      [{ on: { $gt: false } }],
      [{ name: { $regex: 'x' } }],
      [{ name: { $in: 'x' } }],
      [{ name: { $in: ['x'], $exists: true } }],
      [{ name: { $contains: 'x' } }],
      [{ name: {} }],
      [{ name: ['x'] }],
      [{ tags: 'x' }],
      [{ tags: { $in: ['x'] } }],
      [{ tags: { $gt: 'x' } }],
      [{ name: { $exists: 1 } }],
      [{ name: 'a\0' }],
    ])('%j is invalid', async (filter) => {
      const store = subject.in()
      await rejects(store.find(things, { filter: filter as Filter }), 'invalid')
      await rejects(store.delete(things, filter as Filter), 'invalid')
    })
  })

  describe('sorts and cursors', () => {
    const values: [string, unknown][] = [
      ['a', true],
      ['b', 'x'],
      ['c', 3],
      ['d', null],
      ['f', false],
      ['g', 'X\u{1F600}'],
      ['h', 'X\uff00'],
      ['i', -1.5],
      ['j', ''],
      ['k', 3],
    ]
    const documents = [{ id: 'e' }, ...values.map(([id, name]) => ({ id, name }) as NewDocument)]
    test.each([
      ['name', 'deickjhgbfa'],
      ['-name', 'abghjckide'],
    ])('by %s: null and missing, numbers, texts by code point, booleans', async (sort, expected) => {
      const store = subject.in()
      await store.insert(things, documents)
      const order = sort === 'name' ? expected : 'afbghjckide'
      expect((await ids(store, { sort })).join('')).toBe(order)
      for (const limit of [1, 2, 3]) {
        let found = ''
        let cursor: string | null = null
        do {
          const page = await store.find(things, { sort, limit, ...(cursor === null ? {} : { cursor }) })
          expect(page.items.length).toBeLessThanOrEqual(limit)
          found += page.items.map(({ id }) => id).join('')
          cursor = page.nextCursor
        } while (cursor !== null)
        expect(found).toBe(order)
      }
    })
    test('by id, both ways', async () => {
      const store = subject.in()
      await store.insert(things, documents)
      const page = await store.find(things, { sort: '-id', limit: 6 })
      const next = await store.find(things, { sort: '-id', limit: 6, cursor: page.nextCursor ?? '' })
      expect([...page.items, ...next.items].map(({ id }) => id).join('')).toBe('kjihgfedcba')
      expect(next.nextCursor).toBeNull()
    })
    test.each<[Query]>([
      [{ sort: 'secret' }],
      [{ sort: 'tags' }],
      [{ limit: 0 }],
      [{ limit: 1001 }],
      [{ limit: 1.5 }],
      [{ cursor: 'x' }],
    ])('%j is invalid', async (query) => {
      await rejects(subject.in().find(things, query), 'invalid')
    })
    test('a cursor of another query is invalid', async () => {
      const store = subject.in()
      await store.insert(things, documents)
      const { nextCursor } = await store.find(things, { sort: 'name', limit: 2 })
      const cursor = nextCursor ?? ''
      await rejects(store.find(things, { sort: 'size', limit: 2, cursor }), 'invalid')
      await rejects(store.find(things, { sort: 'name', limit: 2, cursor, filter: { size: 1 } }), 'invalid')
    })
  })

  describe('update', () => {
    test.each<[string, JsonObject, Patch, JsonObject]>([
      ['sets', { name: 'x' }, { set: { name: 'y', more: [1] } }, { name: 'y', more: [1] }],
      ['makes the way', {}, { set: { 'a.b.c': 1 }, increment: { 'a.n': 2 } }, { a: { b: { c: 1 }, n: 2 } }],
      ['unsets', { a: { b: 1, c: 2 } }, { unset: ['a.b', 'x.y', 'z'] }, { a: { c: 2 } }],
      ['increments', { n: 1.5, m: -1 }, { increment: { n: 1, m: 1 } }, { n: 2.5, m: 0 }],
      ['changes the revision alone', { n: 1 }, {}, { n: 1 }],
    ])('%s', async (_, before, patch, after) => {
      const store = subject.in()
      await store.insert(things, [{ id: 'a', ...before }])
      expect(await store.update(things, 'a', patch)).toEqual({ id: 'a', ...after, revision: 2 })
      expect(await store.get(things, 'a')).toEqual({ id: 'a', ...after, revision: 2 })
    })
    test.each<[string, unknown]>([
      ['through a number', { set: { 'n.x': 1 } }],
      ['through null', { set: { 'z.x': 1 } }],
      ['through a list', { set: { 'list.0': 1 } }],
      ['unset through a text', { unset: ['name.x'] }],
      ['incrementing a text', { increment: { name: 1 } }],
      ['incrementing by a text', { increment: { n: 'x' } }],
      ['to infinity', { increment: { big: 1e308 } }],
      ['of overlapping paths', { set: { a: 1, 'a.b': 2 } }],
      ['twice at one path', { set: { a: 1 }, unset: ['a'] }],
      ['of the id', { set: { id: 'b' } }],
      ['of the revision', { increment: { revision: 1 } }],
      ['of an empty path', { set: { 'a..b': 1 } }],
      ['of the prototype', { set: { '__proto__.x': 1 } }],
      ['to undefined', { set: { a: undefined } }],
      ['with an unknown part', { push: { list: 1 } }],
      ['that puts an object into a declared field', { set: { 'state.x': 1 } }],
    ])('a patch %s is invalid and changes nothing', async (_, patch) => {
      const store = subject.in()
      const before = { id: 'a', n: 1, z: null, list: [1], name: 'x', big: 1e308 }
      await store.insert(things, [before])
      await rejects(store.update(things, 'a', patch as Patch), 'invalid')
      expect(await store.get(things, 'a')).toEqual({ ...before, revision: 1 })
    })
    test('another revision than the current one is stale', async () => {
      const store = subject.in()
      await store.insert(things, [{ id: 'a' }])
      await store.update(things, 'a', { set: { n: 1 } }, 1)
      await rejects(store.update(things, 'a', { set: { n: 2 } }, 1), 'stale')
      expect(await store.get(things, 'a')).toEqual({ id: 'a', n: 1, revision: 2 })
    })
    test('of many at once loses none', async () => {
      const other = (await subject.another()).in('contended')
      const store = subject.store().in('contended')
      await store.insert(things, [{ id: 'a', n: 0 }])
      const change = { increment: { n: 1 } }
      await Promise.all(
        Array.from({ length: 40 }, (_, i) => (i % 2 ? store : other).update(things, 'a', change)),
      )
      expect(await store.get(things, 'a')).toEqual({ id: 'a', n: 40, revision: 41 })
    })
    test('updateMany counts; a problem ends it and those before it stay', async () => {
      const store = subject.in()
      await store.insert(things, [
        { id: 'a', n: 1 },
        { id: 'b', n: 'x' },
        { id: 'c', n: 1 },
      ])
      expect(await store.updateMany(things, { id: { $in: ['a', 'c'] } }, { set: { state: 'on' } })).toBe(2)
      await rejects(store.updateMany(things, {}, { increment: { n: 1 } }), 'invalid')
      expect((await store.find(things)).items.map((d) => d['n'])).toEqual([2, 'x', 1])
    })
    test('findAndUpdate changes the first by sort', async () => {
      const store = subject.in()
      await store.insert(things, [
        { id: 'a', at: 3 },
        { id: 'b', at: 1 },
        { id: 'c', at: 2 },
      ])
      const take = (): Promise<unknown> =>
        store.findAndUpdate(things, { filter: { state: null }, sort: 'at' }, { set: { state: 'taken' } })
      expect(await take()).toEqual({ id: 'b', at: 1, state: 'taken', revision: 2 })
      expect(await take()).toEqual({ id: 'c', at: 2, state: 'taken', revision: 2 })
      expect(await take()).toEqual({ id: 'a', at: 3, state: 'taken', revision: 2 })
      expect(await take()).toBeUndefined()
    })
    test('findAndUpdate gives each document to one of many', async () => {
      const store = subject.store().in('queue')
      const other = (await subject.another()).in('queue')
      await store.insert(
        things,
        Array.from({ length: 20 }, (_, i) => ({ id: `d${i}`, state: 'new', at: i % 3 })),
      )
      const taken = await Promise.all(
        Array.from({ length: 30 }, (_, i) =>
          (i % 2 ? store : other).findAndUpdate(
            things,
            { filter: { state: 'new' }, sort: 'at' },
            { set: { state: `taken ${i}` } },
          ),
        ),
      )
      const given = taken.flatMap((document) => (document ? [document.id] : []))
      expect(given).toHaveLength(20)
      expect(new Set(given).size).toBe(20)
    })
    test('delete counts', async () => {
      const store = subject.in()
      await store.insert(things, [
        { id: 'a', size: 1 },
        { id: 'b', size: 2 },
        { id: 'c', size: 3 },
      ])
      expect(await store.delete(things, { size: { $gte: 2 } })).toBe(2)
      expect(await ids(store, {})).toEqual(['a'])
    })
  })

  describe('unique indexes', () => {
    test('an equal key is a conflict, on insert and on update', async () => {
      const store = subject.in()
      await store.insert(unique, [{ id: 'a', project: 'p', name: 'n' }])
      await rejects(store.insert(unique, [{ id: 'b', project: 'p', name: 'n' }]), 'conflict')
      await store.insert(unique, [{ id: 'b', project: 'p', name: 'm' }])
      await rejects(store.update(unique, 'b', { set: { name: 'n' } }), 'conflict')
      expect(await store.get(unique, 'b')).toEqual({ id: 'b', project: 'p', name: 'm', revision: 1 })
    })
    test('another workspace, a missing or null part do not count', async () => {
      const store = subject.in()
      const key = { project: 'p', name: 'n' }
      await store.insert(unique, [
        { id: 'a', ...key },
        { id: 'b', project: 'p' },
        { id: 'c', project: 'p', name: null },
      ])
      await subject.in().insert(unique, [{ id: 'a', ...key }])
      expect(await store.count(unique)).toBe(3)
    })
    test('a partial one compares only what it covers', async () => {
      const store = subject.in()
      await store.insert(unique, [
        { id: 'a', name: 'n', live: true },
        { id: 'b', name: 'n', live: false },
        { id: 'c', name: 'n' },
      ])
      await rejects(store.update(unique, 'b', { set: { live: true } }), 'conflict')
      await store.update(unique, 'a', { set: { live: false } })
      await store.update(unique, 'b', { set: { live: true } })
    })
  })

  describe('aggregate', () => {
    test('groups in the order of their values; sums and extremes see numbers only', async () => {
      const store = subject.in()
      await store.insert(things, [
        { id: 'a', state: 'x', size: 1, at: 5 },
        { id: 'b', state: 'x', size: 2.5 },
        { id: 'c', state: 'w', size: 'many' },
        { id: 'd', size: 4, at: 7 },
        { id: 'e', state: null, size: 8 },
        { id: 'f', state: true },
        { id: 'g', state: 3 },
      ])
      const group = (state: unknown, count: number, sum: number, min: unknown, max: unknown): unknown => ({
        by: { state },
        count,
        sum: { size: sum },
        min: { size: min },
        max: { at: max },
      })
      expect(
        await store.aggregate(things, { by: ['state'], sum: ['size'], min: ['size'], max: ['at'] }),
      ).toEqual([
        group(null, 2, 12, 4, 7),
        group(3, 1, 0, null, null),
        group('w', 1, 0, null, null),
        group('x', 2, 3.5, 1, 5),
        group(true, 1, 0, null, null),
      ])
      expect(await store.aggregate(things, { filter: { state: 'nothing' }, sum: ['size'] })).toEqual([
        { by: {}, count: 0, sum: { size: 0 }, min: {}, max: {} },
      ])
    })
    test('of undeclared fields, lists and texts is invalid', async () => {
      const store = subject.in()
      await rejects(store.aggregate(things, { by: ['secret'] }), 'invalid')
      await rejects(store.aggregate(things, { by: ['tags'] }), 'invalid')
      await rejects(store.aggregate(things, { sum: ['name'] }), 'invalid')
    })
  })
  test('in(workspace) refuses names that could lead elsewhere', () => {
    for (const name of ['', '../x', 'a/b', 'a b', '.', 'a#b'])
      expect(() => subject.store().in(name)).toThrow('workspace id')
  })
}
function deep(levels: number): JsonObject {
  let value: JsonObject = {}
  for (let i = 1; i < levels; i++) value = { a: value }
  return value
}
