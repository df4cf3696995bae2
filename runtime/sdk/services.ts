/** What the host functions need of the rest of the engine. The composition root fits the services to it. */
import type { Egress } from '../egress/port.ts'
import type { Json, JsonObject } from '../json.ts'
import type { TableResult } from '../table/port.ts'
import type { HostContext, Lineage } from './context.ts'
import type { ModelVersionInfo, ObjectInfo, StreamMessage } from './interface.ts'

export interface SdkObjects {
  find(workspace: string, query: { tag?: string }): Promise<ObjectInfo[]>
  /** not-found names what there is. */
  getByName(workspace: string, name: string): Promise<ObjectInfo>
  bytes(workspace: string, id: string): Promise<Uint8Array>
  create(
    workspace: string,
    object: { name: string; mediaType?: string; tags?: string[] },
    content: Uint8Array,
  ): Promise<ObjectInfo>
  replace(workspace: string, id: string, content: Uint8Array): Promise<ObjectInfo>
  delete(workspace: string, id: string): Promise<void>
}
export interface SdkTables {
  /** `objects`: those that the statement read. */
  query(
    workspace: string,
    query: {
      sql: string
      parameters: (string | number | boolean | null)[]
      maxRows: number
      signal: AbortSignal
    },
  ): Promise<{ table: TableResult; objects: { name: string; sha256: string }[] }>
}
export interface SdkStreams {
  find(workspace: string): Promise<{ id: string; name: string; type: string; state: string }[]>
  recent(workspace: string, name: string, query: { seconds: number; limit: number }): Promise<StreamMessage[]>
  between(
    workspace: string,
    name: string,
    query: { from: number; to: number; limit: number },
  ): Promise<StreamMessage[]>
}
export interface NewModelVersion {
  name: string
  kind: string
  artifact: Uint8Array
  signature: JsonObject | null
  metrics: JsonObject
  baseline: JsonObject
  alias: string | null
  run: string | null
  lineage: Lineage & {
    notebook: string
    notebookVersion: number
    run: string | null
    parameters: JsonObject
  }
  cost: { cpuSeconds: number; memoryGbSeconds: number; money: number }
}
export interface SdkModels {
  save(workspace: string, version: NewModelVersion): Promise<ModelVersionInfo>
  /** `name`, `name@alias` or `name@3`. */
  load(
    workspace: string,
    reference: string,
  ): Promise<{
    name: string
    version: number
    metrics: JsonObject
    signature: JsonObject | null
    artifact: Uint8Array
  }>
  find(workspace: string): Promise<{ name: string; aliases: { [alias: string]: number } }[]>
}
export interface SdkRuns {
  /** Runs another notebook, by name or id, to its end; a failure rejects with its message. */
  nest(
    context: HostContext,
    name: string,
    parameters: JsonObject,
    signal: AbortSignal,
  ): Promise<{ run: string; result: Json }>
}
export interface SdkServices {
  objects: SdkObjects
  tables: SdkTables
  streams: SdkStreams
  models: SdkModels
  runs: SdkRuns
  egress: Egress
  prices: Prices
}
/** What the operator asks for an hour of one CPU and of one GB. */
export interface Prices {
  cpuHour: number
  gbHour: number
}
