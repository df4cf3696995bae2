/** What versions of notebooks keep of packages: a real store, and bundles that are there already. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openMemoryBus } from '../../runtime/bus/memory.ts'
import { systemClock } from '../../runtime/clock.ts'
import { openPackages, type Packages } from '../../runtime/package/packages.ts'
import { type Notebooks, openNotebooks } from '../../runtime/project/notebooks.ts'
import type { HostContext } from '../../runtime/sdk/context.ts'
import { createHost } from '../../runtime/sdk/host.ts'
import type { SdkServices } from '../../runtime/sdk/services.ts'
import { openStore } from '../../runtime/store/open.ts'
import type { Store } from '../../runtime/store/port.ts'

const workspace = 'w'
const project = 'p'
let data: string
let store: Store
let notebooks: Notebooks
let packages: Packages
const nothing = (): Promise<never> => Promise.reject(new Error('not in this test'))

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'suricate-test-'))
  store = await openStore({ data })
  await store.system.migrate()
  await store.system.createWorkspace({ id: workspace, name: 'w', createdAt: 0 })
  await store.in(workspace).insert('projects', [{ id: project, name: 'P', createdAt: 0 }])
  const bus = openMemoryBus()
  notebooks = openNotebooks({ store, bus, clock: systemClock })
  packages = openPackages({
    store,
    bus,
    clock: systemClock,
    log: { error: () => undefined },
    egress: { fetch: nothing },
    sandboxes: { open: nothing },
    wrapper: nothing,
    registry: '',
  })
})
afterAll(async () => {
  await packages.close()
  await store.close()
  rmSync(data, { recursive: true, force: true })
})

/** As if it had been added. */
async function put(name: string, version: string): Promise<string> {
  const { sha256, bytes } = await store.in(workspace).blobs.put(Buffer.from(`${name} ${version}`))
  const bundle = { version, integrity: `sha512-${version}`, licence: 'MIT', sha256, bytes, dependencies: [] }
  const id = `pkg_${name}`
  const changed = { requested: version, state: 'ready', step: null, error: null, bundle, by: 'Ada' }
  if (await store.in(workspace).maybe('packages', id))
    await store.in(workspace).update('packages', id, { set: changed })
  else
    await store
      .in(workspace)
      .insert('packages', [{ id, project, name, ...changed, createdAt: 0, updatedAt: 0 }])
  return sha256
}
const write = (name: string, source: string) =>
  notebooks.create(workspace, { name, project, cells: [{ source }] })

/** The script that a cell gets, where the notebook is at this version; 0 is what it is now. */
async function imported(notebook: string, version: number, name: string): Promise<string> {
  const lineage: HostContext['lineage'] = { objects: [], streams: [] }
  const host = createHost({ packages } as unknown as SdkServices)({
    workspace,
    project,
    notebook: { id: notebook, version, name: 'N' },
    lineage,
  } as unknown as HostContext)
  const call = { binary: [], signal: new AbortController().signal, cell: null, step: 0 }
  const { value, binary } = await host['packages.import']!([name], call)
  const used = lineage.packages?.map((one) => `${one.name}@${one.version}`) ?? []
  return binary ? `${Buffer.from(binary[0]!).toString()}, recorded as ${used.join()}` : JSON.stringify(value)
}

test('a version imports what it was saved with, whatever becomes of the package', async () => {
  const sha256 = await put('half', '1.0.0')
  await put('other', '1.0.0')
  const { id } = await write('keeps', "import { half } from 'half'\nhalf(8)")
  const { version, packages: kept } = await notebooks.versionFor(workspace, id)
  expect(kept).toEqual([{ name: 'half', version: '1.0.0', integrity: 'sha512-1.0.0', sha256 }])
  await put('half', '2.0.0')
  expect([await imported(id, version, 'half'), await imported(id, 0, 'half')]).toEqual([
    'half 1.0.0, recorded as half@1.0.0',
    'half 2.0.0, recorded as half@2.0.0',
  ])
  await packages.delete(workspace, project, 'pkg_half')
  expect([await imported(id, version, 'half'), await imported(id, 0, 'half')]).toEqual([
    'half 1.0.0, recorded as half@1.0.0',
    '{"names":["other"]}',
  ])
  // What it does not keep is the project's.
  expect(await imported(id, version, 'other')).toBe('other 1.0.0, recorded as other@1.0.0')
})

test('versionFor saves another version when a package that the text names has changed', async () => {
  await put('third', '1.0.0')
  const { id } = await write('now', 'const name = "third"; await import(name)')
  const first = await notebooks.versionFor(workspace, id)
  expect(await notebooks.versionFor(workspace, id)).toEqual(first)
  await put('other', '1.1.0')
  expect((await notebooks.versionFor(workspace, id)).version).toBe(first.version)
  await put('third', '1.1.0')
  const second = await notebooks.versionFor(workspace, id)
  expect([second.version, second.packages?.map((one) => one.version)]).toEqual([2, ['1.1.0']])
  expect((await notebooks.versionFor(workspace, id, 1)).packages).toEqual(first.packages)
})

test('saveVersion keeps nothing of packages that the text does not name', async () => {
  await put('quiet', '1.0.0')
  const { id } = await write('plain', '// quiet, and a word of it in a comment')
  expect(await notebooks.saveVersion(workspace, id, 'first')).not.toHaveProperty('packages')
})
