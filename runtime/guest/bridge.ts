/**
 * What the guest bootstrap gives the SDK face (face.ts) inside the isolate. The face is bundled with the bootstrap and
 * runs before any user code; it must use captured primordials for whatever its safety depends on.
 */
import type { Json, JsonObject } from '../json.ts'

export interface Bridge {
  /** One host call. Rejects with an Error that has `code`. Binary answers arrive as Uint8Array by transfer. */
  call(name: string, args: Json[], binary?: Uint8Array[]): Promise<{ value: Json; binary: Uint8Array[] }>
  /** One output of the current cell or handler, counted against its budget. Sync. */
  output(output: {
    kind: 'stdout' | 'stderr' | 'display' | 'progress'
    data: { [mime: string]: Json }
    id?: string
    append?: boolean
  }): void
  /** Registers a function that Sandbox.handle may call; returns its id. */
  handler(run: (input: JsonObject, state: JsonObject) => unknown): string
  readonly parameters: JsonObject
  readonly kind: 'analytics' | 'processing'
  /** True while a handler runs. */
  inHandler(): boolean
  /** The cell that runs, and its execution's number; of a handler, those of the last cell. */
  place(): { cell: string; execution: number }
  /** The run's result, instead of the last expression. */
  setResult(value: unknown): void
  /** text/plain of any value, by the rules of the hostile runner; never throws, bounded. */
  inspect(value: unknown): string
}
