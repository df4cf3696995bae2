import { describe, expect, test } from 'vitest'
import type { Packument } from '../../runtime/package/registry.ts'
import { resolvePackages } from '../../runtime/package/resolve.ts'

type World = { [name: string]: { [version: string]: { [dependency: string]: string } } }
function toGet(world: World, latest: { [name: string]: string } = {}): (name: string) => Promise<Packument> {
  return (name) => {
    const versions = world[name]
    if (!versions) return Promise.reject(new Error(`no ${name}`))
    const manifests = Object.entries(versions).map(([version, dependencies]) => [
      version,
      { name, version, tarball: '', integrity: undefined, dependencies },
    ])
    const tags = { latest: latest[name] ?? Object.keys(versions).at(-1)! }
    return Promise.resolve({ tags, versions: Object.fromEntries(manifests) as never })
  }
}
async function resolve(world: World, name: string, wanted: string, max?: number): Promise<object> {
  const found = await resolvePackages(name, wanted, toGet(world), max)
  return Object.fromEntries(
    [...found].map(([id, { dependencies }]) => [id, Object.fromEntries(dependencies)]),
  )
}

describe('resolvePackages', () => {
  test('by tag, version or range; the tag latest before the highest', async () => {
    const world: World = { a: { '1.0.0': {}, '1.1.0': {}, '2.0.0-beta': {} } }
    const latest = { a: '1.0.0' }
    const choose = async (wanted: string): Promise<string> =>
      [...(await resolvePackages('a', wanted, toGet(world, latest))).keys()].join()
    expect([
      await choose('latest'),
      await choose('v1.1.0'),
      await choose('^1'),
      await choose('>1.0.0'),
      await choose('2.0.0-beta'),
    ]).toEqual(['a@1.0.0', 'a@1.1.0', 'a@1.0.0', 'a@1.1.0', 'a@2.0.0-beta'])
    await expect(choose('^9')).rejects.toThrow('There is no version ^9 of a. The newest is 1.0.0.')
    await expect(choose('constructor')).rejects.toMatchObject({ code: 'not-found' })
  })
  test('two versions of one where they must be, one where it can be, and circles', async () => {
    const world: World = {
      a: { '1.0.0': { b: '^1', c: '*' } },
      b: { '1.0.0': { c: '^1', a: '*' } },
      c: { '1.0.0': {}, '2.0.0': { b: '1.x' } },
    }
    expect(await resolve(world, 'a', 'latest')).toEqual({
      'a@1.0.0': { b: 'b@1.0.0', c: 'c@2.0.0' },
      'b@1.0.0': { c: 'c@1.0.0', a: 'a@1.0.0' },
      'c@2.0.0': { b: 'b@1.0.0' },
      'c@1.0.0': {},
    })
  })
  test('another name for a package', async () => {
    const world: World = { a: { '1.0.0': { old: 'npm:@s/b@^1' } }, '@s/b': { '1.2.0': {} } }
    expect(await resolve(world, 'a', '1.0.0')).toEqual({ 'a@1.0.0': { old: '@s/b@1.2.0' }, '@s/b@1.2.0': {} })
  })
  test.each(['git+https://github.com/x/y.git', 'file:../b', 'https://host/b.tgz', 'x/y', 'npm:../../b@1'])(
    'refuses what comes from %s',
    async (spec) => {
      const world: World = { a: { '1.0.0': { b: spec } }, b: { '1.0.0': {} } }
      await expect(resolve(world, 'a', 'latest')).rejects.toMatchObject({
        code: 'unsupported',
        message: `a@1.0.0 needs b from ${spec}, which is not a version in the registry.`,
      })
    },
  )
  test('is bounded', async () => {
    const world: World = { p0: { '1.0.0': { p1: '*' } } }
    for (let i = 1; i < 30; i++) world[`p${i}`] = { '1.0.0': { [`p${(i + 1) % 30}`]: '*' } }
    await expect(resolve(world, 'p0', 'latest', 20)).rejects.toMatchObject({
      code: 'limit',
      message: 'p0 needs more than 20 packages, which is the limit.',
    })
  })
})
