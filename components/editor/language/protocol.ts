/** What crosses between the page and its language worker. Offsets are of UTF-16 code units in the text of a cell. */
import type { Cell } from '../../../runtime/api/notebooks.ts'

export type ProgramCell = Pick<Cell, 'id' | 'type' | 'source'>
export interface CellSpan {
  cell: string
  start: number
  length: number
}
export interface Place extends CellSpan {
  /** A file of declarations instead of a cell: `cell` is its name and this its text. */
  library?: string
}
export interface Fault extends CellSpan {
  message: string
  code: number
  severity: 'error' | 'warning' | 'hint'
  tag: 'unused' | 'deprecated' | null
}
export interface Suggestion {
  name: string
  kind: string
  deprecated: boolean
  sort: string
  insert: string
  replaces: CellSpan | null
}
export interface Description {
  code: string
  text: string
}
export interface Signature extends Description {
  parameters: { label: string; text: string }[]
}
export interface Edit extends CellSpan {
  text: string
}
/** A table that SQL can name. */
export interface KnownTable {
  name: string
  kind: 'object' | 'stream' | 'variable'
  columns: { name: string; type: string }[]
}

/** What the worker is asked, by name. */
export interface Language {
  complete(cell: string, offset: number): Suggestion[]
  describe(cell: string, offset: number, name: string): Description | null
  hover(cell: string, offset: number): (Description & { span: CellSpan }) | null
  sign(
    cell: string,
    offset: number,
    trigger: object,
  ): { signatures: Signature[]; active: number; parameter: number } | null
  define(cell: string, offset: number): Place[]
  refer(cell: string, offset: number): CellSpan[]
  highlight(cell: string, offset: number): (CellSpan & { write: boolean })[]
  canRename(cell: string, offset: number): { span: CellSpan } | { reason: string }
  rename(cell: string, offset: number, name: string): Edit[] | { reason: string }
  format(cell: string, tab: number): Edit[]
  tables(): KnownTable[]
}
export type Method = keyof Language
export type ToWorker =
  | { type: 'cells'; order: string[]; changed: ProgramCell[] }
  | { type: 'declarations'; name: 'sdk' | 'workspace'; text: string }
  | { type: 'check'; version: number; first: string[] }
  | { type: 'ask'; id: number; method: Method; given: unknown[] }
export type FromWorker =
  | { type: 'answer'; id: number; value: unknown }
  | { type: 'failed'; id: number; message: string }
  | { type: 'faults'; version: number; cell: string; faults: Fault[] }
  | { type: 'checked'; version: number; ms: number }
