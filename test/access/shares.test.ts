import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openShares, type Shares } from '../../runtime/access/shares.ts'
import { openStore } from '../../runtime/store/open.ts'
import type { Store } from '../../runtime/store/port.ts'

const folder = mkdtempSync(join(tmpdir(), 'suricate-shares-'))
const day = 86_400_000
const clock = { at: 1_700_000_000_000, now: () => clock.at }
let store: Store
let shares: Shares

beforeAll(async () => {
  store = await openStore({ data: folder })
  await store.system.migrate()
  shares = openShares({ store, clock })
})
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})
const make = (notebook: string, days = 30, workspace = 'w1') =>
  shares.create(workspace, { notebook, name: 'L', version: 2, createdBy: 'Ada', days })

describe('shares', () => {
  test('create answers the secret once; what is stored does not have it', async () => {
    const { share, secret } = await make('n1')
    expect(share).toEqual({
      id: expect.stringMatching(/^shr_/),
      workspace: 'w1',
      notebook: 'n1',
      name: 'L',
      version: 2,
      createdBy: 'Ada',
      createdAt: clock.at,
      expiresAt: clock.at + 30 * day,
      lastUsedAt: null,
    })
    expect(JSON.stringify(await store.in('tenant0').get('shares', share.id))).not.toContain(secret)
    expect(await shares.resolve(share.id, secret)).toEqual(share)
    expect((await shares.get('w1', share.id)).lastUsedAt).toBe(clock.at)
  })
  test('resolve says the same of a wrong secret, an unknown link, a revoked and an expired one', async () => {
    const [first, revoked, short] = [await make('n2'), await make('n2'), await make('n2', 1)]
    await shares.delete('w1', revoked.share.id)
    clock.at += 2 * day
    const told = await Promise.all(
      [
        [first.share.id, short.secret],
        [first.share.id, ''],
        ['none', first.secret],
        [revoked.share.id, revoked.secret],
        [short.share.id, short.secret],
      ].map(([id, secret]) => shares.resolve(id!, secret!).catch((error: Error) => error.message)),
    )
    expect(new Set(told)).toEqual(
      new Set(['This link is not known here: it is incomplete, was revoked or has expired.']),
    )
    expect(await Promise.all([first, revoked, short].map(({ share }) => shares.isAlive(share.id)))).toEqual([
      true,
      false,
      false,
    ])
  })
  test('another workspace neither sees nor revokes it', async () => {
    const { share } = await make('n3')
    await expect(shares.get('w2', share.id)).rejects.toMatchObject({ code: 'not-found' })
    await expect(shares.delete('w2', share.id)).rejects.toMatchObject({ code: 'not-found' })
    expect((await shares.find('w2', 'n3', {})).items).toEqual([])
    expect((await shares.find('w1', 'n3', {})).items).toEqual([share])
  })
  test('a notebook has at most 50', async () => {
    for (let i = 0; i < 50; i++) await make('n4')
    await expect(make('n4')).rejects.toMatchObject({ code: 'limit' })
  })
})
