import { z } from 'zod'
import { id, idParams, jsonObject, name, operation, page, pageQuery, tags, time } from './operation.ts'
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
  createdAt: time,
  updatedAt: time,
  revision: z.number().int(),
})
export type Notebook = z.infer<typeof notebook>
export const notebookSummary = notebook
  .omit({ cells: true, parameters: true })
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
  createdAt: time,
})

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
    response: notebook,
    etag: 'requires',
  }),
  deleteNotebook: operation({
    method: 'delete',
    path: '/notebooks/{id}',
    tag: 'notebooks',
    summary: 'Delete a notebook that no deployment uses',
    scope: 'write',
    params: idParams,
    status: 204,
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
