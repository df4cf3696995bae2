import type { streamOperations } from '../../runtime/api/streams.ts'
import type { Streams } from '../../runtime/stream/streams.ts'
import { bodyLimits } from './body.ts'
import { readContent } from './content.ts'
import { eventStream } from './events.ts'
import type { Handlers } from './handler.ts'

const previewed = 20

export function streamHandlers({ streams }: { streams: Streams }): Handlers<keyof typeof streamOperations> {
  return {
    findStreams: ({ actor, query }) => streams.find(actor.workspace, query),
    createStream: ({ actor, body }) => streams.create(actor.workspace, body),
    makeQueue: ({ actor, body }) => streams.makeQueue(actor.workspace, body),
    testStream: ({ actor, body }) => streams.test(actor.workspace, body),
    async previewMessage({ actor, body: { definition, text, encoding } }) {
      const bytes = Buffer.from(text, encoding === 'base64' ? 'base64' : 'utf8')
      const records = streams.preview(actor.workspace, definition, bytes)
      const events = records.slice(0, previewed).map(({ message, dead }) => ({
        body: message.body,
        key: message.key,
        eventTime: dead === undefined ? message.eventTime : null,
        messageId: message.messageId,
        reason: dead ?? null,
      }))
      return { events, count: records.length }
    },
    getStream: ({ actor, params }) => streams.get(actor.workspace, params.id),
    updateStream: ({ actor, params, body, revision }) =>
      streams.update(actor.workspace, params.id, body, revision),
    deleteStream: ({ actor, params }) => streams.delete(actor.workspace, params.id),
    testSavedStream: ({ actor, params }) => streams.testSaved(actor.workspace, params.id),
    findMessages: ({ actor, params, query }) => streams.messages(actor.workspace, params.id, query),
    async pushMessages({ actor, params, request }) {
      const body = await readContent(request, bodyLimits.bytes, 8 * bodyLimits.bytes)
      const type = request.headers.get('content-type') ?? ''
      return streams.push(actor.workspace, params.id, body, type, Object.fromEntries(request.headers))
    },
    async getStreamRates({ actor, params, query }) {
      return { items: await streams.rates(actor.workspace, params.id, query) }
    },
    getStreamTime: ({ actor, params, query }) => streams.time(actor.workspace, params.id, query.messages),
    async getStreamEvents(call) {
      const { actor, params } = call
      await streams.resolve(actor.workspace, params.id)
      return eventStream(call, (_lastEventId, signal) => streams.events(actor.workspace, params.id, signal))
    },
  }
}
