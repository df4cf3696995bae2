import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Access, openAccess } from '../../runtime/access/access.ts'
import { type Actor, checkRight } from '../../runtime/access/actor.ts'
import { answerOnce } from '../../app/api/idempotency.ts'
import { openStore } from '../../runtime/store/open.ts'
import type { Store } from '../../runtime/store/port.ts'

const folder = mkdtempSync(join(tmpdir(), 'suricate-access-'))
const clock = { at: 1_700_000_000_000, now: () => clock.at }
let store: Store
let access: Access
let owner: Actor

beforeAll(async () => {
  store = await openStore({ data: folder })
  await store.system.migrate()
  access = openAccess({ store, clock })
  await access.prepare('the-first-token-of-all')
  owner = await access.resolveToken('the-first-token-of-all')
})
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('tokens', () => {
  test('prepare: the first token belongs to the owner of main and of tenant0, also when repeated', async () => {
    await access.prepare('the-first-token-of-all')
    expect(owner).toMatchObject({
      workspace: 'main',
      role: 'owner',
      platformOwner: true,
      rights: ['read', 'write', 'run', 'admin'],
    })
    expect((await access.findTokens('main', {})).items).toHaveLength(1)
  })
  test('createToken: a reader reads, and the value is nowhere in the store', async () => {
    const made = await access.createToken(owner, {
      name: 'r',
      scopes: ['read'],
      projects: ['p1'],
      expiresAt: null,
    })
    expect(await access.resolveToken(made.value)).toMatchObject({ rights: ['read'], projects: ['p1'] })
    const kept = await store.in('tenant0').find('tokens', {})
    expect(JSON.stringify(kept)).not.toContain(made.value)
  })
  test('createToken: nobody gives more than he has', async () => {
    const reader = { ...owner, rights: ['read' as const] }
    const spec = { name: 'x', scopes: ['admin' as const], projects: null, expiresAt: null }
    await expect(access.createToken(reader, spec)).rejects.toMatchObject({ code: 'forbidden' })
  })
  test('createToken: a confined token gives no more projects, and administers nothing', async () => {
    const confined = { ...owner, projects: ['p1'] }
    const spec = { name: 'x', scopes: ['read' as const], expiresAt: null }
    for (const projects of [null, ['p1', 'p2']])
      await expect(access.createToken(confined, { ...spec, projects })).rejects.toMatchObject({
        code: 'forbidden',
      })
    expect((await access.createToken(confined, { ...spec, projects: ['p1'] })).token.projects).toEqual(['p1'])
    expect(() => checkRight(confined, 'admin')).toThrow('administers nothing')
    expect(() => checkRight(confined, 'write')).not.toThrow()
  })
  test('deleteToken: a revoked token is unauthorized; that of another workspace is not found', async () => {
    const made = await access.createToken(owner, {
      name: 'x',
      scopes: ['read'],
      projects: null,
      expiresAt: null,
    })
    await expect(access.deleteToken('other', made.token.id)).rejects.toMatchObject({ code: 'not-found' })
    await access.deleteToken('main', made.token.id)
    await expect(access.resolveToken(made.value)).rejects.toMatchObject({ code: 'unauthorized' })
  })
  test('deleteToken: it ends here at once, in another process within a second', async () => {
    const spec = { name: 'gone', scopes: ['read' as const], projects: null, expiresAt: null }
    const { token, value } = await access.createToken(owner, spec)
    const other = openAccess({ store, clock })
    await Promise.all([access.resolveToken(value), other.resolveToken(value)])
    await access.deleteToken('main', token.id)
    await expect(access.resolveToken(value)).rejects.toMatchObject({ code: 'unauthorized' })
    clock.at += 1000
    await expect(other.resolveToken(value)).rejects.toMatchObject({ code: 'unauthorized' })
  })
  test('resolveToken: one that has expired says so', async () => {
    const made = await access.createToken(owner, {
      name: 'x',
      scopes: ['read'],
      projects: null,
      expiresAt: clock.at + 10,
    })
    clock.at += 11
    await expect(access.resolveToken(made.value)).rejects.toThrow('has expired')
  })
})

describe('workspaces', () => {
  test('createWorkspace: its owner sees it alone, and may not make another', async () => {
    const made = await access.createWorkspace(owner, 'Second')
    const second = await access.resolveToken(made.token)
    expect(second).toMatchObject({ workspace: made.workspace.id, role: 'owner', platformOwner: false })
    await expect(access.createWorkspace(second, 'Third')).rejects.toMatchObject({ code: 'forbidden' })
    expect((await access.findTokens(made.workspace.id, {})).items.map((t) => t.name)).toEqual(['First token'])
  })
})

describe('sessions', () => {
  test('a login code serves once', async () => {
    const code = access.makeLoginCode()
    const { session } = await access.redeemLoginCode(code)
    expect(await access.resolveSession(session)).toMatchObject({ workspace: 'main' })
    await expect(access.redeemLoginCode(code)).rejects.toMatchObject({ code: 'unauthorized' })
    await access.closeSession(session)
    await expect(access.resolveSession(session)).rejects.toMatchObject({ code: 'unauthorized' })
  })
  test('a login code ends after ten minutes', async () => {
    const code = access.makeLoginCode()
    clock.at += 600_001
    await expect(access.redeemLoginCode(code)).rejects.toThrow('older than 10 minutes')
  })
  test('a session that a token opened has the token’s rights and no more', async () => {
    const made = await access.createToken(owner, {
      name: 'r',
      scopes: ['read'],
      projects: null,
      expiresAt: null,
    })
    const { session } = await access.openSession(await access.resolveToken(made.value))
    expect((await access.resolveSession(session)).rights).toEqual(['read'])
  })
  test('a session ends with the token that opened it: revoked or expired', async () => {
    const open = async (expiresAt: number | null): Promise<{ id: string; session: string }> => {
      const spec = { name: 's', scopes: ['read' as const], projects: null, expiresAt }
      const made = await access.createToken(owner, spec)
      const { session } = await access.openSession(await access.resolveToken(made.value))
      expect((await access.resolveSession(session)).token).toBe(made.token.id)
      return { id: made.token.id, session }
    }
    const revoked = await open(null)
    await access.deleteToken('main', revoked.id)
    await expect(access.resolveSession(revoked.session)).rejects.toMatchObject({ code: 'unauthorized' })
    const expiring = await open(clock.at + 10)
    clock.at += 11
    await expect(access.resolveSession(expiring.session)).rejects.toMatchObject({ code: 'unauthorized' })
  })
})

describe('answerOnce', () => {
  const call = { key: 'k', operation: 'createRun', target: '/n/1/runs', member: 'm', body: '{}' }
  const answer = { status: 202, value: { id: 'r1' }, headers: {} }
  test('does the work once and gives the same answer again', async () => {
    let count = 0
    const work = () => Promise.resolve({ ...answer, value: { id: `r${++count}` } })
    const own = store.in('main')
    expect(await answerOnce(own, clock, call, work)).toEqual(answer)
    expect(await answerOnce(own, clock, call, work)).toEqual(answer)
  })
  test('does the work once also when its answer is too large to be kept', async () => {
    let count = 0
    const large = { status: 200, value: { id: 'x'.repeat(9_000_000) }, headers: { location: '/runs/1' } }
    const work = () => (count++, Promise.resolve(large))
    const own = store.in('main')
    const given = { ...call, key: 'large' }
    expect(await answerOnce(own, clock, given, work)).toEqual(large)
    const again = await answerOnce(own, clock, given, work)
    expect([count, again.status, again.headers]).toEqual([1, 409, { location: '/runs/1' }])
  })
  test('refuses the key for another request', async () => {
    const other = { ...call, body: '{"a":1}' }
    await expect(answerOnce(store.in('main'), clock, other, () => Promise.resolve(answer))).rejects.toThrow(
      'Use a new key',
    )
  })
  test('two at once start one thing', async () => {
    const gate = Promise.withResolvers<typeof answer>()
    const twin = { ...call, key: 'twin' }
    const first = answerOnce(store.in('main'), clock, twin, () => gate.promise)
    await expect(answerOnce(store.in('main'), clock, twin, () => gate.promise)).rejects.toMatchObject({
      code: 'conflict',
    })
    gate.resolve(answer)
    expect(await first).toEqual(answer)
  })
  test('a failure leaves the key free', async () => {
    const failing = { ...call, key: 'fails' }
    const fail = () => Promise.reject(new Error('no'))
    await expect(answerOnce(store.in('main'), clock, failing, fail)).rejects.toThrow('no')
    expect(await answerOnce(store.in('main'), clock, failing, () => Promise.resolve(answer))).toEqual(answer)
  })
})
