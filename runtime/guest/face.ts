/**
 * The SDK as a notebook sees it, inside the isolate: every asynchronous function is one host call of the same name
 * (runtime/sdk/host.ts checks the arguments), every synchronous one an output. Frozen, so that a cell cannot change
 * what a later cell calls. Bulk data crosses as binary frames; text and JSON are parsed here.
 */
import { decodeArtifact, encodeArtifact } from '../model/artifact.ts'
import type { Json, JsonObject } from '../json.ts'
import type {
  Act,
  LoadedModel,
  ModelVersionInfo,
  Models,
  ObjectInfo,
  Objects,
  Suricate,
  Table,
} from '../sdk/interface.ts'
import type { FiredInstant, Handler, StreamMessage, Streams } from '../sdk/streaming.ts'
import type { Bridge } from './bridge.ts'
import type { Bundle } from './sdk/display.ts'
import { isHeavy, tableBundle, toBundle, toLongTable } from './sdk/display.ts'
import { freeze } from './sdk/freeze.ts'
import { toJson } from './sdk/json.ts'
import { createKeeper, type Kept } from './sdk/keep.ts'
import { createOutputs } from './sdk/outputs.ts'
import { createParameters } from './sdk/parameters.ts'
import { type CallWith, createCallWith, toFrames } from './sdk/payload.ts'
import { createFetch } from './sdk/response.ts'
import { createSql, type Variables } from './sdk/sql.ts'
import type { TableHead } from './sdk/table.ts'
import { GuestTable, toCsv } from './sdk/table.ts'
import { createUi } from './sdk/ui.ts'
import { decodeUtf8, encodeUtf8 } from './sdk/utf8.ts'

export interface Face extends Suricate {
  /** The MIME bundle of a cell's value. */
  display(value: unknown): Bundle
  /** The tag `sql` of a text that may name these variables. */
  overTables(variables: Variables): Suricate['sql']
  /** Too large to be looked at as JSON. */
  isHeavy(value: unknown): boolean
  /** Before a cell ends: its value, and what it showed, have arrived when this resolves. It never rejects. */
  settle(holder: { value: unknown } | undefined): Promise<void> | undefined
}

export function createFace(bridge: Bridge): Face {
  // First: its handler is known by its place.
  const parameters = createParameters(bridge)
  // The second.
  const { ui, isInput } = createUi(bridge)
  const callWith = createCallWith(bridge)
  const overTables = createSql(bridge, callWith)
  const keeper = createKeeper(bridge, callWith)
  const outputs = createOutputs(bridge, keeper)
  let last: { value: unknown; table: GuestTable; kept: Kept } | undefined
  return freeze({
    objects: createObjects(bridge, callWith, outputs.progress),
    sql: overTables([]),
    overTables,
    streams: createStreams(bridge),
    models: createModels(bridge, callWith),
    act: createAct(bridge),
    notebooks: {
      async run(name: string, parameters: JsonObject = {}): Promise<{ run: string; result: Json }> {
        return (await bridge.call('notebooks.run', [name, toJson(parameters)])).value as {
          run: string
          result: Json
        }
      },
    },
    fetch: createFetch(bridge),
    ...outputs,
    parameters,
    ui,
    result(value: unknown): void {
      bridge.setResult(value)
      // Says which cell chose it; a later cell's last expression does not take its place.
      bridge.call('result.given', []).catch(() => undefined)
    },
    // An input has been shown where it was made.
    display(value: unknown): Bundle {
      if (isInput(value)) return { 'text/plain': '' }
      if (!last || last.value !== value) return toBundle(value, (given) => bridge.inspect(given))
      const { table, kept } = last
      last = undefined
      return tableBundle(table, kept)
    },
    isHeavy,
    settle(holder: { value: unknown } | undefined): Promise<void> | undefined {
      const table = holder && toLongTable(holder.value)
      last = undefined
      if (table) {
        last = { value: holder.value, table, kept: {} }
        void keeper.keep(table, (kept) => {
          last = { value: holder.value, table, kept }
        })
      }
      return keeper.settle()
    },
  })
}

function toTable(answer: { value: Json; binary: Uint8Array[] }): GuestTable {
  return new GuestTable(answer.value as unknown as TableHead, answer.binary)
}

function toBytes(data: string | Uint8Array | Table | Json): { bytes: Uint8Array; mediaType?: string } {
  if (typeof data === 'string') return { bytes: encodeUtf8(data) }
  if (data instanceof Uint8Array) return { bytes: data }
  if (data instanceof GuestTable) return { bytes: encodeUtf8(toCsv(data)), mediaType: 'text/csv' }
  return { bytes: encodeUtf8(JSON.stringify(toJson(data))), mediaType: 'application/json' }
}

function createObjects(bridge: Bridge, callWith: CallWith, progress: Suricate['progress']): Objects {
  let imports = 0
  const bytes = async (name: string): Promise<Uint8Array> =>
    (await bridge.call('objects.bytes', [name])).binary[0] ?? new Uint8Array(0)
  return {
    async list(options = {}) {
      return (await bridge.call('objects.list', [toJson(options)])).value as unknown as ObjectInfo[]
    },
    async get(name) {
      return (await bridge.call('objects.get', [name])).value as unknown as ObjectInfo
    },
    text: async (name) => decodeUtf8(await bytes(name)),
    json: async (name) => JSON.parse(decodeUtf8(await bytes(name))) as Json,
    bytes,
    table: async (name) => toTable(await bridge.call('objects.table', [name])),
    async create(name, data, options = {}) {
      const { bytes: content, mediaType } = toBytes(data)
      const given = { ...(mediaType ? { mediaType } : {}), ...options }
      const { value } = await callWith('objects.create', [name, toJson(given)], [content])
      return value as unknown as ObjectInfo
    },
    async import(url, name, options = {}) {
      const number = ++imports
      const made = bridge.call('objects.import', [url, name, toJson(options), number])
      let open = true
      const end = (): void => void (open = false)
      made.then(end, end)
      while (open) {
        const { value } = await bridge.call('objects.importing', [number])
        if (value === null) break
        const { bytes: done, total } = value as { bytes: number; total: number | null }
        progress(done, total ?? 0, `${name}, bytes`)
      }
      return (await made).value as unknown as ObjectInfo
    },
    async update(name, data) {
      const { bytes: content } = toBytes(data)
      return (await callWith('objects.update', [name], [content])).value as unknown as ObjectInfo
    },
    async delete(name) {
      await bridge.call('objects.delete', [name])
    },
  }
}

type Registered = Handler<never>
function createStreams(bridge: Bridge): Streams {
  const add = (handler: Registered): string =>
    bridge.handler(handler as unknown as (input: JsonObject, state: JsonObject) => unknown)
  async function register(
    call: string,
    place: string,
    name: string | string[],
    { late, ...options }: { late?: Registered | undefined; [option: string]: unknown },
    handler: Registered,
  ): Promise<void> {
    if (typeof handler !== 'function')
      throw new TypeError(`${call} takes a function as its ${place} argument.`)
    if (late !== undefined && typeof late !== 'function')
      throw new TypeError(`${call}: late is a function, called with each message that was too late.`)
    const id = add(handler)
    await bridge.call('streams.on', [name, id, toJson({ ...options, ...(late && { late: add(late) }) })])
  }
  const messages = (answer: { binary: Uint8Array[] }): StreamMessage[] =>
    JSON.parse(decodeUtf8(answer.binary[0]!)) as StreamMessage[]
  return {
    async list() {
      return (await bridge.call('streams.list', [])).value as Awaited<ReturnType<Streams['list']>>
    },
    recent: async (name, options = {}) =>
      messages(await bridge.call('streams.recent', [name, toJson(options)])),
    between: async (name, from, to, options = {}) => {
      const range = [from, to].map((time) => (time instanceof Date ? time.getTime() : time))
      return messages(await bridge.call('streams.between', [name, ...range, toJson(options)]))
    },
    publish: async (name, body, options = {}) =>
      (await bridge.call('streams.publish', [name, toJson(body), toJson(options)])).value as { id: string },
    instant: async (action) =>
      JSON.parse((await bridge.call('streams.instant', [action])).value as string) as FiredInstant,
    on: (name: string | string[], options: { late?: Registered }, handler: Registered) =>
      register('streams.on(name, options, handler)', 'third', name, options, handler),
    join(left, right, { within, unmatched, maxWaiting, ...options }, handler) {
      const join = { with: right, within, unmatched, maxWaiting }
      return register(
        'streams.join(left, right, options, handler)',
        'fourth',
        left,
        { ...options, join },
        handler,
      )
    },
  }
}

function createModels(bridge: Bridge, callWith: CallWith): Models {
  return {
    async save(name, model, options = {}) {
      const { json, binary } = encodeArtifact(model)
      const frames = [encodeUtf8(JSON.stringify(json)), ...binary]
      const { value } = await callWith('models.save', [name, toJson(options)], frames)
      return value as unknown as ModelVersionInfo
    },
    async load(reference) {
      const { value, binary } = await bridge.call('models.load', [reference])
      const { lengths, ...found } = value as unknown as Omit<LoadedModel, 'model'> & { lengths?: number[] }
      const [text, ...frames] = toFrames(binary, lengths)
      const json = JSON.parse(decodeUtf8(text!)) as Json
      return { ...found, model: decodeArtifact({ json, binary: frames }) as Json }
    },
    async list() {
      return (await bridge.call('models.list', [])).value as Awaited<ReturnType<Models['list']>>
    },
  }
}

function createAct(bridge: Bridge): Act {
  return {
    async webhook(url, body, options = {}) {
      return (await bridge.call('act.webhook', [url, toJson(body), toJson(options)])).value as { id: string }
    },
    async publish(stream, body, options = {}) {
      return (await bridge.call('act.publish', [stream, toJson(body), toJson(options)])).value as {
        id: string
      }
    },
    async alert(title, options = {}) {
      return (await bridge.call('act.alert', [title, toJson(options)])).value as { id: string }
    },
  }
}
