import { z } from 'zod'
import { id, json, jsonObject, name, operation, page, pageQuery, time } from './operation.ts'

export const modelVersion = z.object({
  model: z.string(),
  version: z.number().int(),
  kind: z.string(),
  sha256: z.string(),
  bytes: z.number().int(),
  signature: jsonObject.nullable(),
  metrics: jsonObject,
  baseline: jsonObject,
  /** {notebook, notebookVersion, run, parameters, objects: [{name, sha256}], streams: [{name, from, to}]} */
  lineage: jsonObject,
  /** {cpuSeconds, memoryGbSeconds, money} */
  cost: jsonObject,
  createdAt: time,
})
export type ModelVersion = z.infer<typeof modelVersion>
export const aliasMove = z.object({ alias: z.string(), version: z.number().int(), at: time, by: z.string() })
export const model = z.object({
  id,
  name,
  aliases: z.record(z.string(), z.number().int()),
  history: z.array(aliasMove),
  versions: z.array(modelVersion),
  createdAt: time,
  updatedAt: time,
  revision: z.number().int(),
})
export type Model = z.infer<typeof model>
const nameParams = z.object({ name: z.string().min(1).max(200) })

export const modelOperations = {
  findModels: operation({
    method: 'get',
    path: '/models',
    tag: 'models',
    summary: 'Models, newest change first',
    scope: 'read',
    query: pageQuery,
    response: page(model),
  }),
  getModel: operation({
    method: 'get',
    path: '/models/{name}',
    tag: 'models',
    summary: 'A model with its versions, newest first',
    scope: 'read',
    params: nameParams,
    response: model,
    etag: 'answers',
  }),
  findModelVersions: operation({
    method: 'get',
    path: '/models/{name}/versions',
    tag: 'models',
    summary: 'Versions, newest first',
    scope: 'read',
    params: nameParams,
    query: pageQuery,
    response: page(modelVersion),
  }),
  getModelVersion: operation({
    method: 'get',
    path: '/models/{name}/versions/{version}',
    tag: 'models',
    summary: 'A version',
    scope: 'read',
    params: nameParams.extend({ version: z.coerce.number().int() }),
    response: modelVersion.extend({ artifact: json.optional() }),
  }),
  moveAlias: operation({
    method: 'put',
    path: '/models/{name}/aliases/{alias}',
    tag: 'models',
    summary: 'Move an alias to a version',
    scope: 'write',
    params: nameParams.extend({
      alias: z
        .string()
        .min(1)
        .max(60)
        .regex(/^[a-z][a-z0-9-]*$/),
    }),
    body: z.object({ version: z.number().int() }),
    response: model,
    etag: 'requires',
  }),
  deleteModel: operation({
    method: 'delete',
    path: '/models/{name}',
    tag: 'models',
    summary: 'Delete with all versions',
    scope: 'write',
    params: nameParams,
    status: 204,
  }),
}
export const modelName = name
