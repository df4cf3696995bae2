import { z } from 'zod'
import { id, idParams, operation, time } from './operation.ts'

export const packageName = z
  .string()
  .trim()
  .max(214, 'at most 214 characters')
  .regex(
    /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/i,
    'must be the name of a package of npm, such as d3-array or @scope/name',
  )

export const pinnedPackage = z.object({ name: z.string(), version: z.string(), integrity: z.string() })
export type PinnedPackage = z.infer<typeof pinnedPackage>

export const projectPackage = z.object({
  id,
  project: id,
  name: z.string(),
  /** As it was asked for: a version, a range or a tag. */
  requested: z.string(),
  state: z.enum(['adding', 'ready', 'failed']),
  /** While it is added: what is being done. */
  step: z.string().nullable(),
  /** Why the last adding failed, and what to do. */
  error: z.string().nullable(),
  /** What is imported; null before there is a bundle. */
  bundle: z
    .object({
      version: z.string(),
      /** Of the package's tarball, as the registry tells it. */
      integrity: z.string(),
      licence: z.string().nullable(),
      bytes: z.number().int(),
      sha256: z.string(),
      dependencies: z.array(pinnedPackage),
    })
    .nullable(),
  by: z.string(),
  createdAt: time,
  updatedAt: time,
})
export type ProjectPackage = z.infer<typeof projectPackage>

export const packageOperations = {
  findPackages: operation({
    method: 'get',
    path: '/projects/{id}/packages',
    tag: 'packages',
    summary: 'The packages of npm that the notebooks of a project can import',
    scope: 'read',
    params: idParams,
    response: z.object({ items: z.array(projectPackage) }),
  }),
  addPackage: operation({
    method: 'post',
    path: '/projects/{id}/packages',
    tag: 'packages',
    summary: 'Add a package of npm, or another version of one; answers at once, its state tells the rest',
    scope: 'admin',
    params: idParams,
    body: z.object({
      name: packageName,
      version: z
        .string()
        .trim()
        .min(1)
        .max(100)
        .default('latest')
        .describe('a version, a range such as ^2.1, or a tag'),
    }),
    status: 202,
    response: projectPackage,
  }),
  deletePackage: operation({
    method: 'delete',
    path: '/projects/{id}/packages/{package}',
    tag: 'packages',
    summary: 'Remove a package, or stop adding it',
    scope: 'admin',
    params: z.object({ id, package: id }),
    status: 204,
  }),
}
