import { Readable } from 'node:stream'
import { name as nameSchema } from '../../runtime/api/operation.ts'
import type { objectOperations } from '../../runtime/api/objects.ts'
import { AppError, isAppError } from '../../runtime/error.ts'
import type { Objects } from '../../runtime/object/objects.ts'
import type { Queries } from '../../runtime/query/queries.ts'
import { toRows } from '../../runtime/table/rows.ts'
import type { Handlers } from './handler.ts'
import { parseRange } from './range.ts'
import { receiveUpload, toTags } from './upload.ts'

export function objectHandlers({
  objects,
  queries,
}: {
  objects: Objects
  queries: Queries
}): Handlers<keyof typeof objectOperations> {
  return {
    findObjects: ({ actor, query }) => objects.find(actor.workspace, given(query)),
    async createObject({ actor, query, request }) {
      const { name: formName, tags: formTags, ...upload } = await receiveUpload(request)
      const tags = query.tags === undefined ? formTags : toTags(query.tags)
      const found = nameSchema.safeParse(query.name ?? formName ?? '')
      if (!found.success)
        throw new AppError(
          'invalid',
          `The object needs a name: ?name=history.csv. The one given ${found.error.issues[0]?.message}.`,
          {
            path: 'name',
          },
        )
      return objects.create(actor.workspace, { ...given({ ...upload, tags }), name: found.data })
    },
    getObject: ({ actor, params }) => objects.get(actor.workspace, params.id),
    updateObject: ({ actor, params, body, revision }) =>
      objects.update(actor.workspace, params.id, body, revision),
    async putObjectContent({ actor, params, request, revision }) {
      const { name: _, tags: __, ...upload } = await receiveUpload(request)
      return objects.replace(actor.workspace, params.id, given(upload), revision)
    },
    async getObjectContent({ actor, params, request }) {
      const object = await objects.get(actor.workspace, params.id)
      const headers = new Headers({
        'content-type': object.mediaType,
        'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(object.name)}`,
        'accept-ranges': 'bytes',
        'x-content-type-options': 'nosniff',
        'content-security-policy': 'sandbox',
        'repr-digest': `sha-256=:${Buffer.from(object.sha256, 'hex').toString('base64')}:`,
        etag: `"${object.revision}"`,
      })
      let range
      try {
        range = parseRange(request.headers.get('range'), object.bytes)
      } catch (error) {
        if (!isAppError(error, 'invalid')) throw error
        headers.set('content-range', `bytes */${object.bytes}`)
        return new Response(null, { status: 416, headers })
      }
      const source = await objects.read(actor.workspace, object, range)
      headers.set('content-length', String(range ? range.end - range.start : object.bytes))
      if (range) headers.set('content-range', `bytes ${range.start}-${range.end - 1}/${object.bytes}`)
      return new Response(Readable.toWeb(source) as unknown as BodyInit, {
        status: range ? 206 : 200,
        headers,
      })
    },
    getObjectRows: ({ actor, params, query }) => objects.rows(actor.workspace, params.id, query),
    getObjectProfile: ({ actor, params }) => objects.profile(actor.workspace, params.id),
    deleteObject: ({ actor, params }) => objects.delete(actor.workspace, params.id),
    query: async ({ actor, body, signal }) =>
      toRows(await queries.query(actor.workspace, { ...body, signal })),
  }
}

/** Without the keys that are undefined. */
function given<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
}
