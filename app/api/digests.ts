import type { digestOperations } from '../../runtime/api/digests.ts'
import type { Config } from '../../runtime/config.ts'
import { toType } from '../../runtime/sdk/shape.ts'
import type { Digests } from '../../runtime/stream/digest/digests.ts'
import { toRetentionView, toRollupView, toSchemaView } from '../../runtime/stream/digest/view.ts'
import { checkTime } from '../../runtime/stream/reading.ts'
import type { Streams } from '../../runtime/stream/streams.ts'
import type { Handlers } from './handler.ts'

const dayBucketSeconds = 3600
const shapeOf = { seconds: 30 * 86_400, limit: 30 }

export function digestHandlers(services: {
  streams: Streams
  digests: Digests
  config: Pick<Config, 'SURICATE_PRICE_STORED_GB_MONTH'>
}): Handlers<keyof typeof digestOperations> {
  const { streams, digests, config } = services
  return {
    async getStreamSchema({ actor: { workspace }, params }) {
      const { id } = await streams.resolve(workspace, params.id)
      const [digest, head, recent] = await Promise.all([
        digests.schema(workspace, id),
        streams.head(workspace, id),
        streams.recent(workspace, id, shapeOf),
      ])
      const type = recent.length === 0 ? null : toType(recent.map((message) => message.body))
      return toSchemaView(digest, head, type)
    },
    async findStreamRollups({ actor: { workspace }, params, query }) {
      const { id } = await streams.resolve(workspace, params.id)
      const { unit, limit, cursor, from, to } = query
      const { items, nextCursor } = await digests.rollups(workspace, id, {
        unit,
        limit,
        ...(from === undefined ? {} : { from: checkTime(from, 'from') }),
        ...(to === undefined ? {} : { to: checkTime(to, 'to') }),
        ...(cursor === undefined ? {} : { cursor }),
      })
      return { items: items.map(toRollupView), nextCursor }
    },
    async getStreamRetention({ actor: { workspace }, params }) {
      const stream = await streams.resolve(workspace, params.id)
      const [head, day] = await Promise.all([
        streams.head(workspace, stream.id),
        streams.rates(workspace, stream.id, { seconds: 86_400, bucket: dayBucketSeconds }),
      ])
      const [oldest] = await streams.fromSeq(workspace, stream.id, head.firstSeq, 1)
      const bytesPerDay = day.reduce((sum, one) => sum + one.bytes, 0)
      return toRetentionView(stream.retention, {
        messages: head.nextSeq - head.firstSeq,
        bytes: head.bytes,
        since: oldest?.receivedAt ?? null,
        bytesPerDay,
        price: config.SURICATE_PRICE_STORED_GB_MONTH,
      })
    },
  }
}
