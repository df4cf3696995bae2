/** The guarded fetch of a notebook and the Response-like that it answers. */
import type { Json, JsonObject } from '../../json.ts'
import type { FetchResponse, Suricate } from '../../sdk/interface.ts'
import type { Bridge } from '../bridge.ts'
import { toJson } from './json.ts'
import { decodeUtf8 } from './utf8.ts'

export function createFetch(bridge: Bridge): Suricate['fetch'] {
  return async (url, init = {}) => {
    const { value, binary } = await bridge.call('fetch', [String(url), toJson(init)])
    return toResponse(value as JsonObject, binary[0] ?? new Uint8Array(0))
  }
}
function toResponse(head: JsonObject, body: Uint8Array): FetchResponse {
  const status = head['status'] as number
  return Object.freeze({
    status,
    ok: status >= 200 && status < 300,
    headers: Object.freeze(head['headers'] as { [name: string]: string }),
    text: async () => decodeUtf8(body),
    json: async () => JSON.parse(decodeUtf8(body)) as Json,
    bytes: async () => body.slice(),
  })
}
