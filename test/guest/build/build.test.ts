import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildGuest } from '../../../runtime/guest/build/build.ts'
import { makeSnapshot, maybeSnapshot } from '../../../runtime/sandbox/snapshot.ts'

describe('buildGuest', () => {
  let out: string
  beforeAll(async () => {
    out = await mkdtemp(join(tmpdir(), 'suricate-build-'))
  })
  afterAll(() => rm(out, { recursive: true, force: true }))

  test('makes every bundle, and nothing the second time', async () => {
    const modules = ['arquero', 'simple-statistics', 'lodash-es', 'date-fns'].map(
      (name) => `module-${name}.js`,
    )
    const names = ['compiler.js', 'bootstrap.js', 'child.js', 'toolkit.js', ...modules]
    const bundles = Object.fromEntries(names.map((name) => [name, join(out, name)]))
    expect(await buildGuest({ out })).toEqual({ out, bundles, made: [...names, 'toolkit.snapshot'] })
    expect(await buildGuest({ out })).toEqual({ out, bundles, made: [] })
  })

  test('makes a bundle again when an input changed or the bundle is gone', async () => {
    const record = join(out, 'compiler.js.inputs.json')
    const inputs = JSON.parse(await readFile(record, 'utf8')) as {
      files: { [path: string]: { size: number } }
    }
    inputs.files['runtime/javascript/compile.ts']!.size += 1
    await writeFile(record, JSON.stringify(inputs))
    await rm(join(out, 'bootstrap.js'))
    expect((await buildGuest({ out })).made).toEqual(['compiler.js', 'bootstrap.js'])
  })

  test('makeSnapshot replaces a snapshot of another Node, or one that was changed', async () => {
    const key = join(out, 'toolkit.snapshot.json')
    const path = join(out, 'toolkit.snapshot')
    expect(await maybeSnapshot(out)).toBe(path)
    expect(await makeSnapshot(out)).toBe(false)
    await writeFile(
      key,
      JSON.stringify({ ...(JSON.parse(await readFile(key, 'utf8')) as object), key: 'other' }),
    )
    expect(await maybeSnapshot(out)).toBeUndefined()
    expect((await buildGuest({ out })).made).toEqual(['toolkit.snapshot'])
    expect(await maybeSnapshot(out)).toBe(path)
    await writeFile(path, 'not a snapshot')
    expect(await maybeSnapshot(out)).toBeUndefined()
    expect(await makeSnapshot(out)).toBe(true)
    expect(await maybeSnapshot(out)).toBe(path)
  })
})
