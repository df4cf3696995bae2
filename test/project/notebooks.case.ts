/** Projects and notebooks over a store: what both adapters must give. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openMemoryBus } from '../../runtime/bus/memory.ts'
import { openNotebooks, type Notebooks } from '../../runtime/project/notebooks.ts'
import { openProjects, type Projects } from '../../runtime/project/projects.ts'
import type { Store } from '../../runtime/store/port.ts'

export function notebookCases(newStore: () => Promise<Store>): void {
  let store: Store
  let projects: Projects
  let notebooks: Notebooks
  let now = 1000
  beforeAll(async () => {
    store = await newStore()
    await store.system.migrate()
    for (const id of ['w1', 'w2']) await store.system.createWorkspace({ id, name: id, createdAt: 1 })
    const deps = { store, bus: openMemoryBus(), clock: { now: () => ++now } }
    projects = openProjects(deps)
    notebooks = openNotebooks(deps)
  })
  afterAll(async () => {
    await store.close()
  })

  describe('projects', () => {
    test('are made, found by name, changed under their revision and deleted when empty', async () => {
      const made = await projects.create('w1', { name: 'Zebra' })
      expect(made).toEqual({
        id: made.id,
        name: 'Zebra',
        description: '',
        createdAt: made.createdAt,
        revision: 1,
      })
      await expect(projects.create('w1', { name: 'Zebra' })).rejects.toMatchObject({
        code: 'conflict',
        message: 'There is a project "Zebra" already.',
      })
      await projects.create('w2', { name: 'Zebra' })
      const ant = await projects.create('w1', { name: 'Ant' })
      expect((await projects.find('w1', {})).items.map(({ name }) => name)).toEqual(['Ant', 'Zebra'])
      expect((await projects.find('w1', { ids: [made.id] })).items).toEqual([made])
      const changed = await projects.update('w1', made.id, { description: 'd' }, 1)
      expect(changed).toEqual({ ...made, description: 'd', revision: 2 })
      await expect(projects.update('w1', made.id, { name: 'x' }, 1)).rejects.toMatchObject({ code: 'stale' })
      await expect(projects.update('w1', made.id, { name: 'Ant' }, 2)).rejects.toMatchObject({
        code: 'conflict',
      })
      await notebooks.create('w1', { name: 'n', project: ant.id })
      await expect(projects.delete('w1', ant.id)).rejects.toMatchObject({ code: 'conflict' })
      await projects.delete('w1', made.id)
      await expect(projects.get('w1', made.id)).rejects.toMatchObject({
        message: `There is no project ${made.id}.`,
      })
    })
  })

  describe('notebooks', () => {
    const make = async (name: string, sources: string[] = ['1']) => {
      const project = await projects.create('w1', { name: `project of ${name}` })
      const cells = sources.map((source, i) => ({ id: `c${i}`, source }))
      return notebooks.create('w1', { name, project: project.id, cells })
    }
    test('have every default, and their parameters from the text', async () => {
      const made = await make('defaults', ['parameters({ n: 1 })'])
      expect(made).toEqual({
        id: made.id,
        name: 'defaults',
        project: made.project,
        kind: 'analytics',
        tags: [],
        cells: [{ id: 'c0', type: 'typescript', source: 'parameters({ n: 1 })' }],
        version: 0,
        parameters: {
          type: 'object',
          properties: { n: { type: 'number', default: 1 } },
          additionalProperties: false,
        },
        createdAt: made.createdAt,
        updatedAt: made.createdAt,
        revision: 1,
      })
      expect(await notebooks.get('w1', made.id)).toEqual(made)
    })
    test('an edit needs the revision; versions do not change it', async () => {
      const made = await make('edited')
      const edited = await notebooks.update(
        'w1',
        made.id,
        { cells: [{ id: 'c0', source: '2' }], tags: ['t'] },
        1,
      )
      expect(edited).toMatchObject({
        revision: 2,
        tags: ['t'],
        cells: [{ id: 'c0', type: 'typescript', source: '2' }],
      })
      await expect(notebooks.update('w1', made.id, { name: 'x' }, 1)).rejects.toMatchObject({ code: 'stale' })
      expect(await notebooks.saveVersion('w1', made.id, 'first')).toMatchObject({
        version: 1,
        message: 'first',
      })
      expect(await notebooks.get('w1', made.id)).toEqual({ ...edited, version: 1 })
    })
    test('versionFor saves what has changed, and only that, also when many ask at once', async () => {
      const made = await make('pinned')
      const pinned = await Promise.all(Array.from({ length: 10 }, () => notebooks.versionFor('w1', made.id)))
      expect(new Set(pinned.map(({ version }) => version))).toEqual(new Set([1]))
      await notebooks.update('w1', made.id, { tags: ['only'] }, 1)
      expect((await notebooks.versionFor('w1', made.id)).version).toBe(1)
      await notebooks.update('w1', made.id, { cells: [{ source: '3' }] }, 2)
      expect(await notebooks.versionFor('w1', made.id)).toMatchObject({
        version: 2,
        name: 'pinned',
        project: made.project,
      })
      expect((await notebooks.versionFor('w1', made.id, 1)).cells).toEqual(made.cells)
      await expect(notebooks.versionFor('w1', made.id, 7)).rejects.toMatchObject({ code: 'not-found' })
      const page = await notebooks.versions.find('w1', made.id, { limit: 1 })
      expect([page.items.map(({ version }) => version), page.nextCursor]).toEqual([[2], expect.any(String)])
    })
    test('are found newest change first, by project, kind, tag and the projects of a token', async () => {
      const a = await make('found a')
      const b = await make('found b')
      await notebooks.update('w1', a.id, { kind: 'processing', tags: ['hot'] }, 1)
      const names = async (query: Parameters<Notebooks['find']>[1]): Promise<string[]> =>
        (await notebooks.find('w1', query)).items.map(({ name }) => name)
      expect((await names({})).slice(0, 2)).toEqual(['found a', 'found b'])
      expect(await names({ project: b.project })).toEqual(['found b'])
      expect(await names({ kind: 'processing' })).toEqual(['found a'])
      expect(await names({ tag: 'hot' })).toEqual(['found a'])
      expect(await names({ projects: [b.project] })).toEqual(['found b'])
      expect(await names({ projects: [b.project], project: a.project })).toEqual([])
    })
    test('a name is once in its project; resolve takes a name or an id', async () => {
      const made = await make('once')
      await expect(notebooks.create('w1', { name: 'once', project: made.project })).rejects.toMatchObject({
        code: 'conflict',
        message: 'There is a notebook "once" in this project already.',
      })
      expect((await notebooks.resolve('w1', 'once')).id).toBe(made.id)
      expect((await notebooks.resolve('w1', made.id)).id).toBe(made.id)
      await expect(notebooks.resolve('w1', 'never')).rejects.toMatchObject({ code: 'not-found' })
      await expect(notebooks.create('w1', { name: 'x', project: 'prj_none' })).rejects.toMatchObject({
        message: 'There is no project prj_none.',
      })
    })
    test('one that a deployment uses stays; else it goes, and purged with its versions, outputs and triggers', async () => {
      const made = await make('deleted')
      await notebooks.saveVersion('w1', made.id, '')
      const within = store.in('w1')
      await within.insert('deployments', [{ id: 'dep_1', notebook: made.id }])
      await within.insert('triggers', [{ id: 'trg_1', notebook: made.id }])
      await within.insert('outputs', [{ id: 'out_1', owner: made.id, seq: 1 }])
      await expect(notebooks.delete('w1', made.id)).rejects.toMatchObject({ code: 'conflict' })
      await within.delete('deployments', { id: 'dep_1' })
      await notebooks.delete('w1', made.id)
      await expect(notebooks.get('w1', made.id)).rejects.toMatchObject({ code: 'not-found' })
      await notebooks.trash.purge('w1', made.id)
      for (const [collection, filter] of [
        ['notebookVersions', { notebook: made.id }],
        ['triggers', { notebook: made.id }],
        ['outputs', { owner: made.id }],
      ] as const)
        expect(await within.count(collection, filter)).toBe(0)
    })
    test('of another workspace are as if they were not there', async () => {
      const made = await make('foreign')
      const missing = { code: 'not-found', message: `There is no notebook ${made.id}.` }
      await expect(notebooks.get('w2', made.id)).rejects.toMatchObject(missing)
      await expect(notebooks.update('w2', made.id, { name: 'x' }, 1)).rejects.toMatchObject(missing)
      await expect(notebooks.delete('w2', made.id)).rejects.toMatchObject(missing)
      await expect(notebooks.versionFor('w2', made.id)).rejects.toMatchObject(missing)
    })
  })
}
