import { describe, expect, test } from 'vitest'
import type { Subject } from './conformance.ts'
import { things, tokens, unique } from './schema.ts'

export function systemCases(subject: Subject): void {
  describe('system', () => {
    test('migrate again applies nothing; tenant0 is there; a workspace is made once', async () => {
      const { system } = subject.store()
      expect(await system.migrate()).toEqual([])
      await system.createWorkspace({ id: 'acme', name: 'Acme', createdAt: 5 })
      await expect(system.createWorkspace({ id: 'acme', name: 'B', createdAt: 6 })).rejects.toMatchObject({
        code: 'conflict',
      })
      await expect(system.createWorkspace({ id: '../x', name: 'B', createdAt: 6 })).rejects.toMatchObject({
        code: 'invalid',
      })
      const found = await system.findWorkspaces()
      expect(found.map(({ id }) => id)).toEqual(['acme', 'tenant0'])
      expect(found[0]).toEqual({ id: 'acme', name: 'Acme', createdAt: 5 })
    })
    test('resolveToken finds those of tenant0 alone', async () => {
      const store = subject.store()
      await store.in('tenant0').insert(tokens, [{ id: 't', hash: 'h1', rights: ['read'] }])
      await subject.in().insert(tokens, [{ id: 't', hash: 'h2' }])
      expect(await store.system.resolveToken('h1')).toEqual({
        id: 't',
        hash: 'h1',
        rights: ['read'],
        revision: 1,
      })
      expect(await store.system.resolveToken('h2')).toBeUndefined()
    })
    test('claimDue takes what is due and not leased, over all workspaces, by sort', async () => {
      const { system } = subject.store()
      const [one, two] = [subject.in(), subject.in()]
      await one.insert(things, [
        { id: 'a', state: 'due', at: 3 },
        { id: 'b', state: 'due', at: 1, leaseUntil: 50 },
      ])
      await two.insert(things, [
        { id: 'a', state: 'due', at: 2 },
        { id: 'c', state: 'later', at: 0 },
      ])
      const claim = async (now: number): Promise<unknown> => {
        const found = await system.claimDue(things, {
          filter: { state: 'due' },
          sort: 'at',
          owner: 'me',
          now,
          until: now + 10,
        })
        return (
          found && [found.workspace, found.document.id, found.document['leaseUntil'], found.document.revision]
        )
      }
      expect(await claim(40)).toEqual([two.workspace, 'a', 50, 2])
      expect(await claim(41)).toEqual([one.workspace, 'a', 51, 2])
      expect(await claim(42)).toBeUndefined()
      expect(await claim(50)).toEqual([one.workspace, 'b', 60, 2])
      expect(await two.get(things, 'a')).toEqual({
        id: 'a',
        state: 'due',
        at: 2,
        leaseOwner: 'me',
        leaseUntil: 50,
        revision: 2,
      })
      await expect(
        system.claimDue(unique, { filter: {}, owner: 'me', now: 0, until: 1 }),
      ).rejects.toMatchObject({ code: 'invalid' })
    })
    test('expire takes what lies before now', async () => {
      const base = 4_000_000_000_000
      const store = subject.in()
      await store.insert(unique, [
        { id: 'a', expiresAt: base },
        { id: 'b', expiresAt: base + 1 },
        { id: 'c', expiresAt: null },
        { id: 'd' },
        { id: 'e', expiresAt: 'never' },
      ])
      expect(await subject.store().system.expire(base + 1)).toBe(1)
      expect((await store.find(unique)).items.map(({ id }) => id)).toEqual(['b', 'c', 'd', 'e'])
    })
    test('usage counts bytes by kind', async () => {
      const usage = await subject.store().system.usage()
      expect(Object.keys(usage)).toEqual(['documents', 'log', 'blobs'])
      for (const bytes of Object.values(usage)) expect(bytes).toBeGreaterThan(0)
    })
  })
}
