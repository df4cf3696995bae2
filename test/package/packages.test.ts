/** Adding packages: a registry on this machine, the real bundler in its wrapper, real sandboxes, a store in memory's place. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ProjectPackage } from '../../runtime/api/packages.ts'
import { openMemoryBus } from '../../runtime/bus/memory.ts'
import { systemClock } from '../../runtime/clock.ts'
import { openEgress } from '../../runtime/egress/egress.ts'
import { buildGuest } from '../../runtime/guest/build/build.ts'
import { npmLimits, toNpmEgress } from '../../runtime/package/egress.ts'
import { openPackages, type Packages } from '../../runtime/package/packages.ts'
import { openSandboxes } from '../../runtime/sandbox/open.ts'
import type { Sandboxes } from '../../runtime/sandbox/port.ts'
import { createToolWrapper } from '../../runtime/sandbox/tool-wrapper.ts'
import { openStore } from '../../runtime/store/open.ts'
import type { Store } from '../../runtime/store/port.ts'
import { until } from '../server.ts'
import { fixtures, startRegistry, type TestRegistry } from './registry-server.ts'

const workspace = 'w'
const project = 'p'
let data: string
let store: Store
let sandboxes: Sandboxes
let registry: TestRegistry
let packages: Packages
const closing: (() => Promise<unknown>)[] = []
const log = pino({ level: 'silent' })
const wrapper = createToolWrapper()

function openWith(url: string): Packages {
  const config = toNpmEgress({ SURICATE_EGRESS_ALLOW: [], SURICATE_NPM_REGISTRY: url })
  const egress = openEgress({ store, config, clock: systemClock, limits: npmLimits })
  const bus = openMemoryBus()
  const opened = openPackages({
    store,
    bus,
    clock: systemClock,
    log,
    egress,
    sandboxes,
    wrapper,
    registry: url,
  })
  closing.push(() => opened.close().then(() => egress.close()))
  return opened
}

beforeAll(async () => {
  await buildGuest()
  data = mkdtempSync(join(tmpdir(), 'suricate-test-'))
  store = await openStore({ data })
  await store.system.migrate()
  await store.system.createWorkspace({ id: workspace, name: 'w', createdAt: 0 })
  sandboxes = await openSandboxes({ log, pool: 1, singleUser: true })
  registry = await startRegistry(fixtures)
  packages = openWith(registry.url)
})
afterAll(async () => {
  for (const close of closing) await close()
  await registry?.close()
  await sandboxes?.close()
  await store?.close()
  rmSync(data, { recursive: true, force: true })
})

async function settled(id: string, of = packages): Promise<ProjectPackage> {
  return until(
    async () => (await of.find(workspace, project)).find((one) => one.id === id && one.state !== 'adding'),
    60_000,
    () => `package ${id}`,
  )
}
async function add(name: string, version = 'latest', of = packages): Promise<ProjectPackage> {
  const { id } = await of.add(workspace, project, { name, version }, 'Ada')
  return settled(id, of)
}
async function valueOf(source: string): Promise<string | undefined> {
  const kernel = await sandboxes.open({
    workspace,
    onOutput: () => undefined,
    host: {
      'packages.import': async ([name]) => {
        const found = await packages.load(workspace, project, String(name))
        return 'names' in found ? { value: { names: found.names } } : { value: null, binary: [found.code] }
      },
    },
  })
  try {
    const { value, error } = await kernel.execute({ id: 'c', label: '1', source })
    return value ?? error?.message
  } finally {
    await kernel.close()
  }
}

describe('add', () => {
  test('a package and what it needs, pinned, bundled and imported; nothing of it is run before', async () => {
    const found = await add('@fixture/quarter', '^1.0')
    expect(found).toEqual({
      id: expect.stringMatching(/^pkg_/),
      project,
      name: '@fixture/quarter',
      requested: '^1.0',
      state: 'ready',
      step: null,
      error: null,
      bundle: {
        version: '1.2.3',
        integrity: expect.stringMatching(/^sha512-/),
        licence: 'MIT',
        bytes: expect.any(Number),
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        dependencies: [{ name: 'half', version: '1.0.0', integrity: expect.stringMatching(/^sha512-/) }],
      },
      by: 'Ada',
      createdAt: expect.any(Number),
      updatedAt: expect.any(Number),
    })
    expect(await valueOf("import quarter from '@fixture/quarter'\nquarter(8)")).toBe('2')
    expect(existsSync('/tmp/was-run')).toBe(false)
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('suricate-package-'))).toEqual([])
  })
  test('another version replaces it; one that cannot be had leaves it', async () => {
    const first = await add('half', '1.0.0')
    expect(await valueOf("import { half } from 'half'\nhalf(8)")).toBe('4')
    const second = await add('half')
    expect([second.id, second.bundle?.version]).toEqual([first.id, '2.0.0'])
    expect(await valueOf("import { half } from 'half'\nhalf(8)")).toBe('the wrong one')
    const third = await add('half', '^7')
    expect([third.state, third.bundle?.version, third.error]).toEqual([
      'ready',
      '2.0.0',
      'There is no version ^7 of half. The newest is 2.0.0.',
    ])
  })
  test.each([
    [
      'reads-files',
      'reads-files needs fs of Node, which notebooks do not have. Take a package that is made for browsers too.',
    ],
    [
      'needs-reader',
      'needs-reader needs reads-files@1.0.0, which needs fs of Node, which notebooks do not have. Take a package that is made for browsers too.',
    ],
    [
      'asks-node',
      'The package "asks-node" does not run in a notebook: ReferenceError: process is not defined. It was not added; take a package that is made for browsers too.',
    ],
    [
      'changed',
      'The bytes of changed 1.0.0 are not those that the registry promises (sha512-AAAAAAAAAAAAA…): it was not added.',
    ],
    ['nowhere', 'The package nowhere is not in the registry. Check its name.'],
  ])('%s fails, and says why', async (name, error) => {
    const found = await add(name)
    expect([found.state, found.error, found.bundle]).toEqual(['failed', error, null])
    expect(await valueOf(`import '${name}'`)).toBe(
      `The package ${name} could not be added to the project: ${error}`,
    )
  })
  test('refuses what comes with Suricate', async () => {
    await expect(
      packages.add(workspace, project, { name: 'arquero', version: 'latest' }, 'Ada'),
    ).rejects.toThrow('arquero can be imported already; it comes with Suricate.')
  })
})

describe('delete', () => {
  test('ends an adding; the package is then no more', async () => {
    const held = Promise.withResolvers<void>()
    const slow = await startRegistry(fixtures, held.promise)
    closing.push(() => slow.close())
    const others = openWith(slow.url)
    const { id } = await others.add(workspace, 'other', { name: 'half', version: 'latest' }, 'Ada')
    await expect(
      others.add(workspace, 'other', { name: 'half', version: '1.0.0' }, 'Ada'),
    ).rejects.toMatchObject({ code: 'conflict' })
    await until(
      () => (slow.asked.length > 0 ? true : undefined),
      10_000,
      () => 'the registry to be asked',
    )
    await expect(others.load(workspace, 'other', 'half')).rejects.toThrow(
      'The package half is being added to the project: Asking the registry. Import it when it is ready.',
    )
    await others.delete(workspace, 'other', id)
    held.resolve()
    expect(await others.find(workspace, 'other')).toEqual([])
    await expect(others.delete(workspace, 'other', id)).rejects.toMatchObject({ code: 'not-found' })
    expect(await others.load(workspace, 'other', 'half')).toEqual({ names: [] })
  })
})
