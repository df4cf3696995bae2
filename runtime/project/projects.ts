/** Projects: the folders of notebooks. A name is unique in its workspace; one that has notebooks cannot go. */
import type { Project } from '../api/notebooks.ts'
import type { Bus } from '../bus/port.ts'
import type { Clock } from '../clock.ts'
import { AppError, isAppError } from '../error.ts'
import { newId } from '../id.ts'
import type { Document, Filter, Page, Store } from '../store/port.ts'
import { named } from './missing.ts'

export interface Projects {
  find(
    workspace: string,
    query: { limit?: number | undefined; cursor?: string | undefined; ids?: string[] | null },
  ): Promise<Page<Project>>
  get(workspace: string, id: string): Promise<Project>
  create(workspace: string, project: { name: string; description?: string }): Promise<Project>
  update(
    workspace: string,
    id: string,
    change: { name?: string | undefined; description?: string | undefined },
    revision: number,
  ): Promise<Project>
  delete(workspace: string, id: string): Promise<void>
}

export function openProjects(deps: { store: Store; bus: Bus; clock: Clock }): Projects {
  const { store, bus, clock } = deps
  const tell = (workspace: string, id: string): void =>
    bus.publish(workspace, { topic: `projects/${id}`, data: { id } })
  const taken = (error: unknown, name: string): unknown =>
    isAppError(error, 'conflict')
      ? new AppError('conflict', `There is a project "${name}" already.`, { path: 'name' })
      : error
  return {
    async find(workspace, { limit = 100, cursor, ids }) {
      const filter: Filter = ids ? { id: { $in: ids } } : {}
      const page = await store
        .in(workspace)
        .find('projects', { filter, sort: 'name', limit, ...(cursor ? { cursor } : {}) })
      return { items: page.items.map(toProject), nextCursor: page.nextCursor }
    },
    async get(workspace, id) {
      return toProject(await named('project', id, store.in(workspace).get('projects', id)))
    },
    async create(workspace, { name, description = '' }) {
      const now = clock.now()
      const document = { id: newId('prj', now), name, description, createdAt: now }
      try {
        const [made] = await store.in(workspace).insert('projects', [document])
        tell(workspace, document.id)
        return toProject(made!)
      } catch (error) {
        throw taken(error, name)
      }
    },
    async update(workspace, id, { name, description }, revision) {
      const set = {
        ...(name === undefined ? {} : { name }),
        ...(description === undefined ? {} : { description }),
      }
      try {
        const changed = await named(
          'project',
          id,
          store.in(workspace).update('projects', id, { set }, revision),
        )
        tell(workspace, id)
        return toProject(changed)
      } catch (error) {
        throw taken(error, name ?? '')
      }
    },
    async delete(workspace, id) {
      await named('project', id, store.in(workspace).get('projects', id))
      const all = { project: id }
      const notebooks = await store
        .in(workspace)
        .count('notebooks', { ...all, deletedAt: { $exists: false } })
      if (notebooks > 0)
        throw new AppError('conflict', `The project has ${notebooks} notebooks. Move or delete them first.`)
      if ((await store.in(workspace).count('notebooks', all)) > 0)
        throw new AppError(
          'conflict',
          'Notebooks of this project are in the trash. Restore or purge them first.',
        )
      await store.in(workspace).delete('packages', all)
      await store.in(workspace).delete('projects', { id })
      tell(workspace, id)
    },
  }
}

function toProject(document: Document): Project {
  return {
    id: document.id,
    name: document['name'] as string,
    description: document['description'] as string,
    createdAt: document['createdAt'] as number,
    revision: document.revision,
  }
}
