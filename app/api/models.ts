import type { modelOperations } from '../../runtime/api/models.ts'
import type { Json } from '../../runtime/json.ts'
import { type Artifact, decodeArtifact } from '../../runtime/model/artifact.ts'
import type { Models } from '../../runtime/model/models.ts'
import type { Handlers } from './handler.ts'

export function modelHandlers({ models }: { models: Models }): Handlers<keyof typeof modelOperations> {
  return {
    findModels: ({ actor, query }) => models.find(actor.workspace, toPage(query)),
    getModel: ({ actor, params }) => models.get(actor.workspace, params.name),
    findModelVersions: ({ actor, params, query }) =>
      models.findVersions(actor.workspace, params.name, toPage(query)),
    async getModelVersion({ actor, params }) {
      const version = await models.getVersion(actor.workspace, params.name, params.version)
      if (version.bytes > maxToldBytes) return version
      const { artifact } = await models.load(actor.workspace, `${params.name}@${params.version}`)
      return { ...version, artifact: toPlain(artifact) }
    },
    moveAlias: ({ actor, params, body, revision }) =>
      models.moveAlias(
        actor.workspace,
        params.name,
        { alias: params.alias, version: body.version, by: actor.name },
        revision,
      ),
    deleteModel: ({ actor, params }) => models.delete(actor.workspace, params.name),
  }
}

/** A larger model is told without its artifact. */
const maxToldBytes = 256 * 1024

function toPage(query: { limit?: number | undefined; cursor?: string | undefined }) {
  return {
    ...(query.limit === undefined ? {} : { limit: query.limit }),
    ...(query.cursor === undefined ? {} : { cursor: query.cursor }),
  }
}
/** Typed arrays as arrays; what JSON has no number for as null. */
function toPlain(artifact: Artifact): Json {
  const text = JSON.stringify(decodeArtifact(artifact), (_, value: unknown) => {
    if (typeof value === 'bigint') return String(value)
    return ArrayBuffer.isView(value) && !(value instanceof DataView)
      ? Array.from(value as unknown as Iterable<unknown>)
      : value
  })
  return JSON.parse(text) as Json
}
