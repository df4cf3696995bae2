import { z } from 'zod'
import { id, idParams, json, name, operation, page, pageQuery, tags, time } from './operation.ts'

export const object = z.object({
  id,
  name,
  mediaType: z.string(),
  bytes: z.number().int(),
  sha256: z.string(),
  /** null for what is no table. */
  rows: z.number().int().nullable(),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  tags,
  createdAt: time,
  updatedAt: time,
  revision: z.number().int(),
})
export type DataObject = z.infer<typeof object>
export const columnProfile = z.object({
  name: z.string(),
  type: z.string(),
  native: z.string(),
  missing: z.number().int(),
  distinct: z.number().nullable(),
  min: z.union([z.string(), z.number()]).nullable(),
  max: z.union([z.string(), z.number()]).nullable(),
  mean: z.number().nullable(),
  histogram: z.union([
    z.array(z.object({ from: z.number(), to: z.number(), count: z.number() })),
    z.array(z.object({ value: z.string(), count: z.number() })),
  ]),
})
export const tableResult = z.object({
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  rows: z.array(z.array(json)),
  rowCount: z.number().int(),
  truncated: z.boolean(),
})

export const objectOperations = {
  findObjects: operation({
    method: 'get',
    path: '/objects',
    tag: 'objects',
    summary: 'Objects, newest change first',
    scope: 'read',
    query: pageQuery.extend({ tag: z.string().optional(), name: z.string().optional() }),
    response: page(object),
  }),
  createObject: operation({
    method: 'post',
    path: '/objects',
    tag: 'objects',
    summary: 'Upload: the bytes as the body with ?name=, or multipart/form-data with one file',
    scope: 'write',
    query: z.object({
      name: name.optional(),
      tags: z.string().max(500).optional().describe('comma-separated'),
    }),
    raw: {
      description: 'The bytes, up to 500 MB',
      mediaTypes: [
        'text/csv',
        'application/json',
        'application/x-ndjson',
        'application/vnd.apache.parquet',
        'application/octet-stream',
        'multipart/form-data',
      ],
    },
    status: 201,
    response: object,
    etag: 'answers',
  }),
  getObject: operation({
    method: 'get',
    path: '/objects/{id}',
    tag: 'objects',
    summary: 'An object',
    scope: 'read',
    params: idParams,
    response: object,
    etag: 'answers',
  }),
  updateObject: operation({
    method: 'patch',
    path: '/objects/{id}',
    tag: 'objects',
    summary: 'Rename or tag',
    scope: 'write',
    params: idParams,
    body: z.object({ name, tags }).partial(),
    response: object,
    etag: 'requires',
  }),
  putObjectContent: operation({
    method: 'put',
    path: '/objects/{id}/content',
    tag: 'objects',
    summary: 'Replace the bytes',
    scope: 'write',
    params: idParams,
    raw: { description: 'The bytes, up to 500 MB', mediaTypes: ['application/octet-stream'] },
    response: object,
    etag: 'requires',
  }),
  getObjectContent: operation({
    method: 'get',
    path: '/objects/{id}/content',
    tag: 'objects',
    summary: 'Download; honours Range',
    scope: 'read',
    params: idParams,
    produces: ['application/octet-stream'],
  }),
  getObjectRows: operation({
    method: 'get',
    path: '/objects/{id}/rows',
    tag: 'objects',
    summary: 'A page of a table',
    scope: 'read',
    params: idParams,
    query: z.object({
      offset: z.coerce.number().int().min(0).default(0),
      limit: z.coerce.number().int().min(1).max(1000).default(100),
    }),
    response: tableResult,
  }),
  getObjectProfile: operation({
    method: 'get',
    path: '/objects/{id}/profile',
    tag: 'objects',
    summary: 'A profile of every column',
    scope: 'read',
    params: idParams,
    response: z.object({ rows: z.number().int(), columns: z.array(columnProfile) }),
  }),
  deleteObject: operation({
    method: 'delete',
    path: '/objects/{id}',
    tag: 'objects',
    summary: 'Delete',
    scope: 'write',
    params: idParams,
    status: 204,
  }),
  query: operation({
    method: 'post',
    path: '/sql',
    tag: 'objects',
    summary: 'One SELECT over objects by name',
    scope: 'run',
    body: z.object({
      sql: z.string().min(1).max(100_000),
      parameters: z
        .array(z.union([z.string(), z.number(), z.boolean(), z.null()]))
        .max(1000)
        .default([]),
      maxRows: z.number().int().min(1).max(100_000).default(1000),
    }),
    response: tableResult,
  }),
}
