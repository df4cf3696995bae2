/** The trash, versions and imported files over a store: what both adapters must give. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openMemoryBus } from '../../runtime/bus/memory.ts'
import { importNotebook } from '../../runtime/project/import.ts'
import { openNotebooks, type Notebooks } from '../../runtime/project/notebooks.ts'
import { openProjects, type Projects } from '../../runtime/project/projects.ts'
import { keptMs } from '../../runtime/project/trash.ts'
import { openOutputs } from '../../runtime/run/outputs.ts'
import type { Store } from '../../runtime/store/port.ts'

export function trashCases(newStore: () => Promise<Store>): void {
  let store: Store
  let projects: Projects
  let notebooks: Notebooks
  let project: string
  let now = 1000
  const clock = { now: () => ++now }
  beforeAll(async () => {
    store = await newStore()
    await store.system.migrate()
    await store.system.createWorkspace({ id: 'w', name: 'w', createdAt: 1 })
    const deps = { store, bus: openMemoryBus(), clock }
    projects = openProjects(deps)
    notebooks = openNotebooks(deps)
    project = (await projects.create('w', { name: 'P' })).id
  })
  afterAll(async () => {
    await store.close()
  })
  const make = (name: string, source = '1') =>
    notebooks.create('w', { name, project, cells: [{ id: 'a', source }] })

  describe('the trash', () => {
    test('holds what was deleted: missing everywhere else, with its name free and its triggers off', async () => {
      const made = await make('kept')
      await store.in('w').insert('triggers', [{ id: 'trg_1', notebook: made.id, enabled: true }])
      await notebooks.delete('w', made.id)
      const missing = { code: 'not-found' }
      await expect(notebooks.get('w', made.id)).rejects.toMatchObject(missing)
      await expect(notebooks.versionFor('w', made.id)).rejects.toMatchObject(missing)
      await expect(notebooks.resolve('w', made.id)).rejects.toMatchObject(missing)
      expect((await notebooks.find('w', { project })).items).toEqual([])
      expect(await store.in('w').get('triggers', 'trg_1')).toMatchObject({ enabled: false })
      const { items } = await notebooks.find('w', { project, trash: true })
      expect(items.map(({ name, deletedAt }) => [name, typeof deletedAt])).toEqual([['kept', 'number']])
      await expect(projects.delete('w', project)).rejects.toMatchObject({
        message: 'Notebooks of this project are in the trash. Restore or purge them first.',
      })
      const other = await make('kept')
      const restored = await notebooks.trash.restore('w', made.id)
      expect(restored).toEqual({ ...made, name: 'kept (2)', revision: restored.revision })
      expect(await notebooks.get('w', made.id)).toEqual(restored)
      await expect(notebooks.trash.purge('w', other.id)).rejects.toMatchObject(missing)
    })
    test('is swept of what has been there for 30 days', async () => {
      const old = await make('old')
      await notebooks.delete('w', old.id)
      expect(await notebooks.trash.sweep('w')).toBe(0)
      now += keptMs
      const young = await make('young')
      await notebooks.delete('w', young.id)
      expect(await notebooks.trash.sweep('w')).toBe(1)
      const left = await notebooks.find('w', { trash: true })
      expect(left.items.map(({ id }) => id)).toEqual([young.id])
    })
  })

  describe('versions', () => {
    test('going back saves what is there first, so that going back can be undone', async () => {
      const made = await make('back', 'one')
      await notebooks.saveVersion('w', made.id, 'first')
      const changed = await notebooks.update(
        'w',
        made.id,
        { cells: [{ id: 'a', source: 'two' }] },
        made.revision,
      )
      await expect(notebooks.restoreVersion('w', made.id, 1, made.revision)).rejects.toMatchObject({
        code: 'stale',
      })
      const back = await notebooks.restoreVersion('w', made.id, 1, changed.revision)
      expect(back.cells.map(({ source }) => source)).toEqual(['one'])
      const { items } = await notebooks.versions.find('w', made.id, {})
      expect(items.map(({ version, message, cells }) => [version, message, cells[0]!.source])).toEqual([
        [2, 'Before going back to v1', 'two'],
        [1, 'first', 'one'],
      ])
      const again = await notebooks.restoreVersion('w', made.id, 2, back.revision)
      expect(again.cells.map(({ source }) => source)).toEqual(['two'])
    })
    test('a page of large ones is bounded by bytes, and the pages have them all', async () => {
      const made = await make('large')
      const cells = Array.from({ length: 28 }, (_, i) => ({ id: `c${i}`, source: 'x'.repeat(250_000) }))
      await notebooks.update('w', made.id, { cells }, made.revision)
      for (let i = 0; i < 6; i++) await notebooks.saveVersion('w', made.id, `${i}`)
      const pages: number[][] = []
      let cursor: string | undefined
      do {
        const page = await notebooks.versions.find('w', made.id, {
          limit: 1000,
          ...(cursor ? { cursor } : {}),
        })
        pages.push(page.items.map(({ version }) => version))
        cursor = page.nextCursor ?? undefined
      } while (cursor)
      expect(pages.flat()).toEqual([6, 5, 4, 3, 2, 1])
      expect(Math.max(...pages.map((page) => page.length))).toBeLessThanOrEqual(3)
    })
  })

  describe('importNotebook', () => {
    const take = (text: string, more: object = {}) =>
      importNotebook({ notebooks, outputs: openOutputs({ store }), clock }, 'w', { project, text, ...more })
    test('makes a notebook with the outputs of its file', async () => {
      const text = await readFile('test/data/deno.ipynb', 'utf8')
      const made = await take(text, { fileName: 'weather.ipynb' })
      expect([made.name, made.cells.length, made.notices]).toEqual(['weather', 7, []])
      const { items } = await openOutputs({ store }).find('w', made.id)
      expect(items.map(({ cell, kind }) => [cell, kind])).toEqual([
        ['measure', 'stdout'],
        ['measure', 'result'],
        ['draw', 'display'],
        ['table', 'result'],
        ['wrong', 'error'],
      ])
      expect((await take(text, { fileName: 'weather.ipynb' })).name).toBe('weather (2)')
      await expect(take(text, { name: 'weather' })).rejects.toMatchObject({ code: 'conflict' })
    })
    test('refuses outputs beyond 16 MB, and takes the file without them', async () => {
      const file = JSON.parse(await readFile('test/data/deno.ipynb', 'utf8')) as {
        cells: { outputs?: { text?: string }[] }[]
      }
      file.cells[1]!.outputs![0]!.text = 'x'.repeat(20_000_000)
      const text = JSON.stringify(file)
      await expect(take(text, { name: 'large outputs' })).rejects.toMatchObject({
        code: 'too-large',
        message: expect.stringContaining('The outputs have 20 MB; at most 16 MB come in.') as string,
      })
      const made = await take(text, { name: 'large outputs', withOutputs: false })
      expect((await openOutputs({ store }).find('w', made.id)).items).toEqual([])
    })
    test('reads .ts with its head, and refuses HTML', async () => {
      const text = '// %% [notebook] {"name":"Guard","kind":"processing","tags":["a"]}\n// %%\n1\n'
      expect(await take(text)).toMatchObject({ name: 'Guard', kind: 'processing', tags: ['a'] })
      await expect(take('<!doctype html><p>')).rejects.toMatchObject({ code: 'unsupported' })
    })
  })
}
