/** Projects, notebooks, versions. A token that is confined to projects sees nothing of others. */
import type { Actor } from '../../runtime/access/actor.ts'
import type { notebookOperations } from '../../runtime/api/notebooks.ts'
import { toMissing } from '../../runtime/project/missing.ts'
import type { Notebooks } from '../../runtime/project/notebooks.ts'
import type { Projects } from '../../runtime/project/projects.ts'
import type { Kernels } from '../../runtime/run/kernels.ts'
import { importNotebook } from '../../runtime/project/import.ts'
import { openOutputs } from '../../runtime/run/outputs.ts'
import type { Store } from '../../runtime/store/port.ts'
import type { Clock } from '../../runtime/clock.ts'
import { AppError, isAppError } from '../../runtime/error.ts'
import type { Handlers } from './handler.ts'
import { receiveFile, toFile } from './notebook-files.ts'

/** As if it were not there. */
export function checkSeen(actor: Actor, project: string, noun: string, id: string): void {
  if (actor.projects && !actor.projects.includes(project)) throw toMissing(noun, id)
}

export function notebookHandlers(services: {
  projects: Projects
  notebooks: Notebooks
  kernels: Kernels
  store: Store
  clock: Clock
}): Handlers<keyof typeof notebookOperations> {
  const { projects, notebooks, kernels, store, clock } = services
  const outputs = openOutputs({ store })
  const { trash } = notebooks
  const see = async (actor: Actor, id: string): Promise<Awaited<ReturnType<Notebooks['get']>>> => {
    const notebook = await notebooks.get(actor.workspace, id)
    checkSeen(actor, notebook.project, 'notebook', id)
    return notebook
  }
  const isInTrash = async (actor: Actor, id: string): Promise<boolean> => {
    const project = await trash.project(actor.workspace, id).catch((error: unknown) => {
      if (isAppError(error, 'not-found')) return undefined
      throw error
    })
    if (project !== undefined) checkSeen(actor, project, 'notebook', id)
    return project !== undefined
  }
  return {
    findProjects: ({ actor, query }) => projects.find(actor.workspace, { ...query, ids: actor.projects }),
    createProject: async ({ actor, body }) => {
      if (actor.projects)
        throw new AppError('forbidden', 'This token is confined to projects and cannot make one.')
      return projects.create(actor.workspace, body)
    },
    getProject: async ({ actor, params: { id } }) => {
      checkSeen(actor, id, 'project', id)
      return projects.get(actor.workspace, id)
    },
    updateProject: async ({ actor, params: { id }, body, revision }) => {
      checkSeen(actor, id, 'project', id)
      return projects.update(actor.workspace, id, body, revision)
    },
    deleteProject: async ({ actor, params: { id } }) => {
      checkSeen(actor, id, 'project', id)
      return projects.delete(actor.workspace, id)
    },
    findNotebooks: ({ actor, query }) =>
      notebooks.find(actor.workspace, { ...query, trash: query.trash === 'true', projects: actor.projects }),
    createNotebook: async ({ actor, body }) => {
      checkSeen(actor, body.project, 'project', body.project)
      return notebooks.create(actor.workspace, body)
    },
    getNotebook: ({ actor, params: { id } }) => see(actor, id),
    updateNotebook: async ({ actor, params: { id }, body, revision }) => {
      await see(actor, id)
      if (body.project !== undefined) checkSeen(actor, body.project, 'project', body.project)
      return notebooks.update(actor.workspace, id, given(body), revision)
    },
    deleteNotebook: async ({ actor, params: { id }, query }) => {
      if (query.purge === 'true' && (await isInTrash(actor, id))) return trash.purge(actor.workspace, id)
      await see(actor, id)
      await notebooks.delete(actor.workspace, id)
      kernels.forget(actor.workspace, id)
      if (query.purge === 'true') await trash.purge(actor.workspace, id)
    },
    restoreNotebook: async ({ actor, params: { id } }) => {
      checkSeen(actor, await trash.project(actor.workspace, id), 'notebook', id)
      return trash.restore(actor.workspace, id)
    },
    exportNotebook: async ({ actor, params: { id }, query: { format, version } }) => {
      const notebook = await see(actor, id)
      if (version === undefined)
        return toFile(notebook, format, (await kernels.outputs(actor.workspace, id)).items)
      const { cells, kind } = await notebooks.versions.get(actor.workspace, id, version)
      return toFile({ ...notebook, cells, kind, name: `${notebook.name} v${version}` }, format, [])
    },
    importNotebook: async ({ actor, query: { project, name, outputs: wanted }, request }) => {
      checkSeen(actor, project, 'project', project)
      await projects.get(actor.workspace, project)
      const file = await receiveFile(request)
      return importNotebook({ notebooks, outputs, clock }, actor.workspace, {
        ...file,
        project,
        name,
        withOutputs: wanted !== 'false',
      })
    },
    getNotebookVersion: async ({ actor, params: { id, version } }) => {
      await see(actor, id)
      return toVersion(await notebooks.versions.get(actor.workspace, id, version))
    },
    restoreNotebookVersion: async ({ actor, params: { id, version }, revision }) => {
      await see(actor, id)
      return notebooks.restoreVersion(actor.workspace, id, version, revision)
    },
    findNotebookVersions: async ({ actor, params: { id }, query }) => {
      await see(actor, id)
      const { items, nextCursor } = await notebooks.versions.find(actor.workspace, id, query)
      return { items: items.map(toVersion), nextCursor }
    },
    createNotebookVersion: async ({ actor, params: { id }, body: { message } }) => {
      await see(actor, id)
      return toVersion(await notebooks.saveVersion(actor.workspace, id, message))
    },
    getNotebookOutputs: async ({ actor, params: { id } }) => {
      await see(actor, id)
      return kernels.outputs(actor.workspace, id)
    },
  }
}

function toVersion({
  notebook,
  version,
  message,
  cells,
  parameters,
  createdAt,
}: Awaited<ReturnType<Notebooks['saveVersion']>>) {
  return { notebook, version, message, cells, parameters, createdAt }
}
/** Without the fields that were not sent. */
function given<T extends object>(body: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
