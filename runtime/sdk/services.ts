/** What the host functions need of the rest of the engine. */
import type { Instants } from '../deployment/instants.ts'
import type { Egress } from '../egress/port.ts'
import type { Json, JsonObject } from '../json.ts'
import type { Models } from '../model/models.ts'
import type { Objects } from '../object/objects.ts'
import type { Packages } from '../package/packages.ts'
import type { OutputTables } from '../output/tables.ts'
import type { Queries } from '../query/queries.ts'
import type { Outlet } from '../stream/outlet.ts'
import type { Streams } from '../stream/streams.ts'
import type { HostContext } from './context.ts'

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
  objects: Pick<Objects, 'find' | 'getByName' | 'bytes' | 'create' | 'replace' | 'delete'>
  queries: Queries
  streams: Pick<Streams, 'find' | 'recent' | 'between'>
  models: Pick<Models, 'save' | 'load' | 'find'>
  runs: SdkRuns
  instants: Pick<Instants, 'tell' | 'projectOf'>
  outlet: Pick<Outlet, 'publish'>
  /** undefined: notebooks have our own bundle alone. */
  packages?: Pick<Packages, 'load'>
  egress: Pick<Egress, 'fetch' | 'download'>
  outputTables: Pick<OutputTables, 'keep' | 'again' | 'hold' | 'held'>
}
/** What the operator asks for an hour of one CPU and of one GB. */
export interface Prices {
  cpuHour: number
  gbHour: number
}
