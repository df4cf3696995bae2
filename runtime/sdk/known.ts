/**
 * What the names of a workspace add to the types of interface.ts, for the editor alone: the interfaces `Known...` are
 * empty here and filled by the declarations of a notebook (workspace.ts), `Toolkit` by the libraries that the editor
 * has loaded. A name that stands in the text must be one of those known; a computed one may be any.
 */
import type { Json, JsonObject } from '../json.ts'
import type {
  ColumnType,
  LoadedModel,
  Models,
  Objects,
  PlotOptions,
  QuickForms,
  ShowOptions,
  Suricate,
  Table,
} from './interface.ts'
import type {
  BatchInput,
  BatchOptions,
  Handler,
  JoinInput,
  JoinOptions,
  MessageInput,
  MessageOptions,
  StreamMessage,
  Streams,
  WindowInput,
  WindowOptions,
} from './streaming.ts'

/** The columns of every object that is a table. */
export interface KnownObjects {}
/** The body of every stream's messages. */
export interface KnownStreams {}
/** The signature of every model. */
export interface KnownModels {}
/** The columns of the notebook's queries. */
export interface KnownQueries {}
/** Libraries of the guest. */
export interface Toolkit {}

export interface Columns {
  [name: string]: ColumnType
}
export interface ColumnValues {
  number: Float64Array
  integer: Int32Array
  bigint: BigInt64Array
  boolean: Uint8Array
  time: Float64Array
  text: (string | null)[]
  json: Json[]
}
export interface CellValue {
  number: number
  integer: number
  bigint: number
  boolean: boolean
  time: number
  text: string
  json: Json
}
/** A row of a table; `null` stands where a value is missing. */
export type RowOf<C> = { [Name in keyof C]: C[Name] extends ColumnType ? CellValue[C[Name]] : Json }
/** A table whose columns are known. */
export interface TableOf<C> extends Omit<Table, 'names' | 'types' | 'column' | 'numbers' | 'row' | 'rows'> {
  readonly names: (keyof C & string)[]
  readonly types: { [Name in keyof C]: C[Name] & ColumnType }
  /** A typed array for numbers, times (ms UTC) and booleans (2 is missing), else an array. */
  column<Name extends keyof C & string>(
    name: Name,
  ): C[Name] extends ColumnType ? ColumnValues[C[Name]] : Json[]
  column<Name extends string>(name: NameIn<C, Name>): ReturnType<Table['column']>
  /** The column as numbers; times as ms UTC. invalid when it is not numeric. */
  numbers<Name extends string>(name: NameIn<C, Name>): Float64Array
  row(index: number): RowOf<C>
  rows(from?: number, to?: number): RowOf<C>[]
  [Symbol.iterator](): Iterator<RowOf<C>, undefined>
}
export type QueryResult<Key extends string> = Key extends keyof KnownQueries
  ? TableOf<KnownQueries[Key]>
  : Table

type Names<Known> = Extract<keyof Known, string>
type Nothing = Record<never, never>
/** Itself for a name that is known or computed; else the names that are known, so that it is underlined. */
export type NameIn<Known, Name extends string> = [keyof Known] extends [never]
  ? Name
  : Nothing extends { [key in Name]: 1 }
    ? Name
    : Name extends keyof Known
      ? Name
      : Names<Known>

type Reads = 'get' | 'text' | 'json' | 'bytes'
export interface KnownObjectsFace extends Omit<Objects, 'table' | Reads> {
  /** What the object is, without its data. not-found where there is none. */
  get<Name extends string>(name: NameIn<KnownObjects, Name>): ReturnType<Objects['get']>
  /** The object's data, read as UTF-8. */
  text<Name extends string>(name: NameIn<KnownObjects, Name>): ReturnType<Objects['text']>
  /** The object's data, parsed as JSON. */
  json<Name extends string>(name: NameIn<KnownObjects, Name>): ReturnType<Objects['json']>
  /** The object's data as it is. */
  bytes<Name extends string>(name: NameIn<KnownObjects, Name>): ReturnType<Objects['bytes']>
  /** The object as a table, with its columns. */
  table<Name extends Names<KnownObjects>>(name: Name): Promise<TableOf<KnownObjects[Name]>>
  table<Name extends string>(name: NameIn<KnownObjects, Name>): Promise<Table>
}

export type BodyOf<Name> = Name extends keyof KnownStreams ? KnownStreams[Name] : Json
export interface KnownStreamsFace extends Omit<Streams, 'recent' | 'between' | 'on' | 'join'> {
  /** The last `seconds` by arrival, oldest first; at most `limit` (1,000). */
  recent<Name extends string>(
    name: NameIn<KnownStreams, Name>,
    options?: { seconds?: number; limit?: number },
  ): Promise<StreamMessage<BodyOf<Name>>[]>
  /** By event time in [from, to), oldest first; at most `limit` (10,000). Times: ms, Date, or text (UTC without zone). */
  between<Name extends string>(
    name: NameIn<KnownStreams, Name>,
    from: number | string | Date,
    to: number | string | Date,
    options?: { limit?: number },
  ): Promise<StreamMessage<BodyOf<Name>>[]>
  /**
   * In a processing notebook: registers the handler, which is called for each window, batch or message of the stream,
   * or of several. Refused elsewhere.
   */
  on<Name extends string>(
    name: NameIn<KnownStreams, Name> | NameIn<KnownStreams, Name>[],
    options: WindowOptions,
    handler: Handler<WindowInput<BodyOf<Name>>>,
  ): Promise<void>
  on<Name extends string>(
    name: NameIn<KnownStreams, Name> | NameIn<KnownStreams, Name>[],
    options: BatchOptions,
    handler: Handler<BatchInput<BodyOf<Name>>>,
  ): Promise<void>
  on<Name extends string>(
    name: NameIn<KnownStreams, Name> | NameIn<KnownStreams, Name>[],
    options: MessageOptions,
    handler: Handler<MessageInput<BodyOf<Name>>>,
  ): Promise<void>
  /** In a processing notebook: called with each pair of messages of two streams that belong together in time. */
  join<Left extends string, Right extends string>(
    left: NameIn<KnownStreams, Left>,
    right: NameIn<KnownStreams, Right>,
    options: JoinOptions,
    handler: Handler<JoinInput<BodyOf<Left>, BodyOf<Right>>>,
  ): Promise<void>
}

/** A reference to a model that is known: its name, or with an alias or a version. */
export type ModelNameOf<Reference extends string> = Reference extends `${infer Name}@${string}`
  ? Name
  : Reference
export type SignatureOf<Name> = Name extends keyof KnownModels ? KnownModels[Name] : JsonObject | null
export interface KnownModelsFace extends Omit<Models, 'load'> {
  /** `name`, `name@champion` (the default) or `name@3`. not-found names what there is. */
  load<Reference extends string>(
    reference: [ModelNameOf<Reference>] extends [NameIn<KnownModels, ModelNameOf<Reference>>]
      ? Reference
      : Names<KnownModels>,
  ): Promise<Omit<LoadedModel, 'signature'> & { signature: SignatureOf<ModelNameOf<Reference>> }>
}

export type PlotTraces = Toolkit extends { plotly: { traces: infer Traces } } ? Traces : object
export type PlotLayout = Toolkit extends { plotly: { layout: infer Layout } } ? Layout : object
/** Sync. Plotly traces and layout; or a quick form over a table, rows or numbers: `plot.line(table, { x, y })`. */
export type KnownPlot = {
  (traces: PlotTraces | PlotTraces[], layout?: PlotLayout, options?: ShowOptions): void
} & {
  [Form in keyof QuickForms]: <C>(
    source: TableOf<C> | Table | JsonObject[] | ArrayLike<number>,
    options?: PlotOptionsOf<C>,
    layout?: PlotLayout,
  ) => void
}
/** Names of columns: `by` makes a trace for each value, `z` is for heat maps. */
export type PlotOptionsOf<C> = unknown extends C
  ? PlotOptions
  : Omit<PlotOptions, 'x' | 'y' | 'z' | 'by'> & {
      x?: keyof C & string
      y?: (keyof C & string) | (keyof C & string)[]
      z?: keyof C & string
      by?: keyof C & string
    }

/** The SDK as a notebook of this workspace sees it. */
export interface KnownSuricate extends Omit<Suricate, 'objects' | 'streams' | 'models' | 'sql' | 'plot'> {
  objects: KnownObjectsFace
  streams: KnownStreamsFace
  models: KnownModelsFace
  plot: KnownPlot
  /** `` sql`select * from "name" where x > ${value}` ``: DuckDB over objects by name; parameters are bound. */
  sql<Result = Table>(
    strings: TemplateStringsArray,
    ...values: (string | number | boolean | null)[]
  ): Promise<Result>
}
