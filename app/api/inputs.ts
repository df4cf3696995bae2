/** What notebooks take: inputs of kernels, and the description of a notebook's parameters. */
import type { inputOperations } from '../../runtime/api/inputs.ts'
import { findParameters } from '../../runtime/notebook/declared.ts'
import { toOpenApi } from '../../runtime/notebook/openapi.ts'
import type { Notebooks } from '../../runtime/project/notebooks.ts'
import type { Kernels } from '../../runtime/run/kernels.ts'
import type { Handlers } from './handler.ts'
import { checkSeen } from './notebooks.ts'

export function inputHandlers(services: {
  kernels: Kernels
  notebooks: Notebooks
}): Handlers<keyof typeof inputOperations> {
  const { kernels, notebooks } = services
  return {
    getNotebookOpenApi: async ({ actor, params: { id }, query }) => {
      const notebook = await notebooks.get(actor.workspace, id)
      checkSeen(actor, notebook.project, 'notebook', id)
      const saved =
        query.version === undefined
          ? undefined
          : await notebooks.versions.get(actor.workspace, id, query.version)
      const { schema, complete } = findParameters(saved?.cells ?? notebook.cells)
      return toOpenApi({
        id,
        name: notebook.name,
        version: saved?.version ?? notebook.version,
        schema,
        complete,
      })
    },
    setInput: async ({ actor, params: { id }, body }) => {
      checkSeen(actor, kernels.place(actor.workspace, id).project, 'kernel', id)
      return kernels.setInput(actor.workspace, id, body)
    },
  }
}
