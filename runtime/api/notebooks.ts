import { z } from 'zod'
import { id, idParams, jsonObject, name, operation, page, pageQuery, tags, time } from './operation.ts'
import { pinnedPackage } from './packages.ts'
import { output } from './runs.ts'

export const project = z.object({
  id,
  name,
  description: z.string(),
  createdAt: time,
  revision: z.number().int(),
})
export type Project = z.infer<typeof project>
export const cell = z.object({
  id: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[A-Za-z0-9_-]+$/),
  type: z
    .enum(['typescript', 'sql', 'markdown', 'raw'])
    .describe('raw: text that is kept and never executes'),
  source: z.string(),
  view: z
    .object({
      folded: z.boolean().describe('shows its first line alone'),
      codeHidden: z.boolean().describe('shows its outputs alone'),
    })
    .partial()
    .optional()
    .describe('how pages show it'),
  metadata: jsonObject.optional().describe('kept for other formats, such as the metadata of an .ipynb cell'),
})
export type Cell = z.infer<typeof cell>
export const cellSpec = cell.partial({ id: true, type: true })
export const notebookKind = z.enum(['analytics', 'processing'])
export const notebook = z.object({
  id,
  name,
  project: id,
  kind: notebookKind,
  cells: z.array(cell),
  tags,
  version: z.number().int().describe('the latest saved version; 0 before the first'),
  /** JSON Schema of what parameters({...}) declares. */
  parameters: jsonObject,
  metadata: jsonObject.optional().describe('kept for other formats, such as the metadata of an .ipynb file'),
  createdAt: time,
  updatedAt: time,
  deletedAt: time.optional().describe('in the trash since'),
  revision: z.number().int(),
})
export type Notebook = z.infer<typeof notebook>
export const notebookSummary = notebook
  .omit({ cells: true, parameters: true, metadata: true })
  .extend({ cellCount: z.number().int() })
export const notebookSpec = z.object({
  name,
  project: id,
  kind: notebookKind.default('analytics'),
  cells: z.array(cellSpec).max(2000).default([]),
  tags: tags.default([]),
})
export const notebookPatch = z
  .object({ name, cells: z.array(cellSpec).max(2000), tags, kind: notebookKind, project: id })
  .partial()
export const notebookVersion = z.object({
  notebook: id,
  version: z.number().int(),
  message: z.string(),
  cells: z.array(cell),
  parameters: jsonObject,
  packages: z
    .array(pinnedPackage.extend({ sha256: z.string() }))
    .optional()
    .describe('of the project, as they were: what runs of this version import'),
  createdAt: time,
})

/** What the cells of a notebook may have, with what JSON adds to it. */
const maxNotebookBody = 12 * 1024 * 1024
const versionParams = idParams.extend({ version: z.coerce.number().int().positive() })

export const notebookOperations = {
  findProjects: operation({
    method: 'get',
    path: '/projects',
    tag: 'notebooks',
    summary: 'Projects',
    scope: 'read',
    query: pageQuery,
    response: page(project),
  }),
  createProject: operation({
    method: 'post',
    path: '/projects',
    tag: 'notebooks',
    summary: 'Make a project',
    scope: 'write',
    body: z.object({ name, description: z.string().max(2000).default('') }),
    status: 201,
    response: project,
    etag: 'answers',
    idempotent: true,
  }),
  getProject: operation({
    method: 'get',
    path: '/projects/{id}',
    tag: 'notebooks',
    summary: 'A project',
    scope: 'read',
    params: idParams,
    response: project,
    etag: 'answers',
  }),
  updateProject: operation({
    method: 'patch',
    path: '/projects/{id}',
    tag: 'notebooks',
    summary: 'Rename or describe',
    scope: 'write',
    params: idParams,
    body: z.object({ name, description: z.string().max(2000) }).partial(),
    response: project,
    etag: 'requires',
  }),
  deleteProject: operation({
    method: 'delete',
    path: '/projects/{id}',
    tag: 'notebooks',
    summary: 'Delete a project that has no notebooks',
    scope: 'write',
    params: idParams,
    status: 204,
  }),
  findNotebooks: operation({
    method: 'get',
    path: '/notebooks',
    tag: 'notebooks',
    summary: 'Notebooks, newest change first',
    scope: 'read',
    query: pageQuery.extend({
      project: id.optional(),
      kind: notebookKind.optional(),
      tag: z.string().optional(),
      trash: z.enum(['true', 'false']).optional().describe('true: those in the trash alone'),
    }),
    response: page(notebookSummary),
  }),
  createNotebook: operation({
    method: 'post',
    path: '/notebooks',
    tag: 'notebooks',
    summary: 'Make a notebook',
    scope: 'write',
    body: notebookSpec,
    maxBodyBytes: maxNotebookBody,
    status: 201,
    response: notebook,
    etag: 'answers',
    idempotent: true,
  }),
  getNotebook: operation({
    method: 'get',
    path: '/notebooks/{id}',
    tag: 'notebooks',
    summary: 'A notebook',
    scope: 'read',
    params: idParams,
    response: notebook,
    etag: 'answers',
  }),
  updateNotebook: operation({
    method: 'patch',
    path: '/notebooks/{id}',
    tag: 'notebooks',
    summary: 'Edit',
    scope: 'write',
    params: idParams,
    body: notebookPatch,
    maxBodyBytes: maxNotebookBody,
    response: notebook,
    etag: 'requires',
  }),
  deleteNotebook: operation({
    method: 'delete',
    path: '/notebooks/{id}',
    tag: 'notebooks',
    summary:
      'Move a notebook that no deployment uses to the trash, for 30 days; or with ?purge=true delete it for good',
    scope: 'write',
    params: idParams,
    query: z.object({ purge: z.enum(['true', 'false']).optional() }),
    status: 204,
  }),
  restoreNotebook: operation({
    method: 'post',
    path: '/notebooks/{id}/restore',
    tag: 'notebooks',
    summary: 'Take a notebook out of the trash; its triggers stay off',
    scope: 'write',
    params: idParams,
    response: notebook,
    etag: 'answers',
  }),
  exportNotebook: operation({
    method: 'get',
    path: '/notebooks/{id}/export',
    tag: 'notebooks',
    summary: 'As a file: Jupyter’s .ipynb, .ts with // %% cells, or self-contained HTML',
    scope: 'read',
    params: idParams,
    query: z.object({
      format: z.enum(['ipynb', 'ts', 'html']),
      version: z.coerce.number().int().positive().optional().describe('a saved version, without outputs'),
    }),
    produces: ['application/x-ipynb+json', 'text/typescript', 'text/html'],
  }),
  importNotebook: operation({
    method: 'post',
    path: '/notebooks/import',
    tag: 'notebooks',
    summary:
      'Make a notebook from an .ipynb or .ts file: the body with ?name=, or multipart/form-data with one file',
    scope: 'write',
    query: z.object({
      project: id,
      name: name.optional(),
      outputs: z.enum(['true', 'false']).optional().describe('false: without the outputs of the file'),
    }),
    raw: {
      description: 'The file, up to 32 MB',
      mediaTypes: [
        'application/x-ipynb+json',
        'application/json',
        'text/typescript',
        'text/plain',
        'multipart/form-data',
      ],
    },
    status: 201,
    response: notebook.extend({ notices: z.array(z.string()).describe('what was not taken as it was') }),
    etag: 'answers',
  }),
  findNotebookVersions: operation({
    method: 'get',
    path: '/notebooks/{id}/versions',
    tag: 'notebooks',
    summary: 'Saved versions, newest first',
    scope: 'read',
    params: idParams,
    query: pageQuery,
    response: page(notebookVersion),
  }),
  createNotebookVersion: operation({
    method: 'post',
    path: '/notebooks/{id}/versions',
    tag: 'notebooks',
    summary: 'Save a version of what the notebook is now',
    scope: 'write',
    params: idParams,
    body: z.object({ message: z.string().max(500).default('') }),
    status: 201,
    response: notebookVersion,
    idempotent: true,
  }),
  getNotebookVersion: operation({
    method: 'get',
    path: '/notebooks/{id}/versions/{version}',
    tag: 'notebooks',
    summary: 'A saved version',
    scope: 'read',
    params: versionParams,
    response: notebookVersion,
  }),
  restoreNotebookVersion: operation({
    method: 'post',
    path: '/notebooks/{id}/versions/{version}/restore',
    tag: 'notebooks',
    summary: 'Go back to a saved version; what the notebook is now is saved as a version first',
    scope: 'write',
    params: versionParams,
    response: notebook,
    etag: 'requires',
  }),
  getNotebookOutputs: operation({
    method: 'get',
    path: '/notebooks/{id}/outputs',
    tag: 'notebooks',
    summary: 'The outputs that the page shows: of the last execution of each cell',
    scope: 'read',
    params: idParams,
    response: z.object({ items: z.array(output), lastSeq: z.number().int() }),
  }),
}
