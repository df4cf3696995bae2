import type { otlpOperations } from '../../runtime/api/otlp.ts'
import { isAppError } from '../../runtime/error.ts'
import {
  parseOtlp,
  toOtlpAnswer,
  toOtlpStatus,
  type OtlpSignal,
} from '../../runtime/stream/otlp-definition.ts'
import { toOtlpRecords } from '../../runtime/stream/otlp.ts'
import type { Streams } from '../../runtime/stream/streams.ts'
import { readContent } from './content.ts'
import type { Call, Handlers } from './handler.ts'

const maxBytes = 4_194_304
const maxPlain = 33_554_432

export function otlpHandlers({ streams }: { streams: Streams }): Handlers<keyof typeof otlpOperations> {
  async function take(
    signal: OtlpSignal,
    { actor, params, request }: Call<'pushOtlpMetrics' | 'pushOtlpLogs'>,
  ): Promise<Response> {
    const mediaType = request.headers.get('content-type') ?? ''
    const answer = (status: number, given: { bytes: Uint8Array; mediaType: string }): Response =>
      new Response(Buffer.from(given.bytes), {
        status,
        headers: { 'content-type': given.mediaType, 'cache-control': 'no-store' },
      })
    const bytes = await readContent(request, maxBytes, maxPlain)
    try {
      const body = parseOtlp(signal, bytes, mediaType)
      let reason = ''
      const { deadLetters } = await streams.pushRecords(actor.workspace, params.id, (stream, receivedAt) => {
        const records = toOtlpRecords(signal, stream, body, receivedAt)
        reason = records.find(({ dead }) => dead !== undefined)?.dead ?? ''
        return records
      })
      return answer(200, toOtlpAnswer(signal, mediaType, deadLetters, reason))
    } catch (error) {
      // 400 tells an exporter that sending it again is no use.
      if (isAppError(error, 'invalid')) return answer(400, toOtlpStatus(error.message, mediaType))
      throw error
    }
  }
  return {
    pushOtlpMetrics: (call) => take('metrics', call),
    pushOtlpLogs: (call) => take('logs', call),
  }
}
