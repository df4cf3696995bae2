/**
 * The notebook SDK: the one interface that the guest implements, the host serves and the editor's types come from.
 * Async unless noted. Errors carry `code` (runtime/error.ts) and a message that says what would be right.
 */
import type { Json, JsonObject } from '../json.ts'
import type { Duration, Streams } from './streaming.ts'

/** A column is a typed array for numbers, times (Float64Array, ms UTC) and booleans (Uint8Array), else an array. */
export type Column = Float64Array | Int32Array | BigInt64Array | Uint8Array | (string | null)[] | Json[]
/** A table with its columns by name. Rows are made when asked for. `NaN` is a missing number. */
export interface Table extends Iterable<JsonObject> {
  readonly names: string[]
  readonly types: { [column: string]: ColumnType }
  readonly length: number
  column(name: string): Column
  /** The column as numbers; times as ms UTC. invalid when it is not numeric. */
  numbers(name: string): Float64Array
  row(index: number): JsonObject
  rows(from?: number, to?: number): JsonObject[]
}
export type ColumnType = 'number' | 'integer' | 'bigint' | 'boolean' | 'time' | 'text' | 'json'

export interface ObjectInfo {
  id: string
  name: string
  mediaType: string
  bytes: number
  sha256: string
  rows: number | null
  columns: { name: string; type: string }[]
  tags: string[]
}
export interface Objects {
  /** What every object is, without its data. */
  list(options?: { tag?: string }): Promise<ObjectInfo[]>
  /** What the object is, without its data. not-found where there is none. */
  get(name: string): Promise<ObjectInfo>
  /** The object's data, read as UTF-8. */
  text(name: string): Promise<string>
  /** The object's data, parsed as JSON. */
  json(name: string): Promise<Json>
  /** The object's data as it is. */
  bytes(name: string): Promise<Uint8Array>
  /** The object as a table. */
  table(name: string): Promise<Table>
  /** A new object; a Table is written as CSV. conflict where there is one of this name. */
  create(
    name: string,
    data: string | Uint8Array | Table | Json,
    options?: { tags?: string[]; mediaType?: string },
  ): Promise<ObjectInfo>
  /** A download from the public web, up to the limit of an upload; shows how far it is. */
  import(url: string, name: string, options?: { tags?: string[]; mediaType?: string }): Promise<ObjectInfo>
  /** New data for an object that is there; a Table is written as CSV. */
  update(name: string, data: string | Uint8Array | Table | Json): Promise<ObjectInfo>
  /** The object with its data, for good. */
  delete(name: string): Promise<void>
}

export interface ModelVersionInfo {
  name: string
  version: number
  sha256: string
  metrics: JsonObject
}
export interface Models {
  /** The model is what JSON can hold, with typed arrays; it becomes a new immutable version. */
  save(
    name: string,
    model: unknown,
    options?: {
      kind?: string
      metrics?: JsonObject
      baseline?: JsonObject
      signature?: JsonObject
      alias?: string
    },
  ): Promise<ModelVersionInfo>
  /** `name`, `name@champion` (the default) or `name@3`. not-found names what there is. */
  load(reference: string): Promise<LoadedModel>
  /** Every model with its aliases and the versions that they stand for. */
  list(): Promise<{ name: string; aliases: { [alias: string]: number } }[]>
}
export interface LoadedModel {
  name: string
  version: number
  model: Json
  metrics: JsonObject
  signature: JsonObject | null
}

/** `key`: deduplication key; `cooldown` in event time where there is one. */
export interface ActionOptions {
  key?: string
  cooldown?: Duration
  model?: { name: string; version: number }
}
export interface Act {
  /** Sends `body` as JSON by POST; resolves as soon as the action is recorded, before it is delivered. */
  webhook(
    url: string,
    body: Json,
    options?: ActionOptions & { headers?: { [name: string]: string } },
  ): Promise<{ id: string }>
  /**
   * A message into a stream: to its broker where it listens to one, else into its log. Resolves as soon as the action is
   * recorded. The key of the action is the message's id, by which the stream knows a repeat.
   */
  publish(
    stream: string,
    body: Json,
    options?: ActionOptions & { headers?: { [name: string]: string }; routingKey?: string },
  ): Promise<{ id: string }>
  /** Raises an alert, or counts one more of the same fingerprint (by default the title). */
  alert(
    title: string,
    options?: ActionOptions & {
      severity?: 'info' | 'warning' | 'critical'
      details?: JsonObject
      fingerprint?: string
    },
  ): Promise<{ id: string }>
}

export interface ParameterSpec {
  /** Where it does not follow from the default. A date is text, `2024-01-31`. */
  type?: 'text' | 'number' | 'integer' | 'boolean' | 'date'
  default?: string | number | boolean
  /** Instead of a default: every run must give it. */
  required?: boolean
  /** Of a number, or of a date. */
  min?: number | string
  max?: number | string
  /** Counted from `min`, else from 0. */
  step?: number
  choices?: readonly (string | number | boolean)[]
  description?: string
}
export type ParameterValueOf<Spec> = Spec extends { choices: readonly (infer Choice)[] }
  ? Choice
  : Spec extends { type: 'number' | 'integer' }
    ? number
    : Spec extends { type: 'boolean' }
      ? boolean
      : Spec extends { type: 'text' | 'date' }
        ? string
        : Spec extends { default: infer Default }
          ? Widened<Default>
          : Widened<Spec>
type Widened<T> = T extends number ? number : T extends boolean ? boolean : string

/** An input: shown where it is made. `value` is always what the person chose last; cells that use it depend on it. */
export interface UiInput<Value> {
  readonly id: string
  readonly label: string
  readonly value: Value
}
export interface UiOptions {
  description?: string
}
/**
 * Sync. Inputs that are shown as outputs: `const hours = ui.slider('Hours', { min: 1, max: 48 })`, then `hours.value` in
 * other cells. Running the cell again keeps what the person chose where it is still possible; in runs from outside
 * every input has its first value.
 */
export interface Ui {
  /** From `min` (0) to `max` (100) in steps of `step` (1); `value` is `min` unless it is given. */
  slider(
    label: string,
    options?: UiOptions & { min?: number; max?: number; step?: number; value?: number },
  ): UiInput<number>
  /** One of a list, or of names with values; the first unless `value` is given. */
  select<const Choice extends string | number | boolean>(
    label: string,
    choices: readonly Choice[] | { readonly [name: string]: Choice },
    options: UiOptions & { multiple: true; value?: readonly NoInfer<Choice>[] },
  ): UiInput<Choice[]>
  select<const Choice extends string | number | boolean>(
    label: string,
    choices: readonly Choice[] | { readonly [name: string]: Choice },
    options?: UiOptions & { multiple?: false; value?: NoInfer<Choice> },
  ): UiInput<Choice>
  text(
    label: string,
    options?: UiOptions & { value?: string; placeholder?: string; multiline?: boolean; maxLength?: number },
  ): UiInput<string>
  /** A day as text, `2024-01-31`; today in UTC unless `value` is given. */
  date(label: string, options?: UiOptions & { value?: string; min?: string; max?: string }): UiInput<string>
  /** A table whose rows are selected; `value` has the selected rows, `null` where a single one is not. */
  table<Row extends JsonObject = JsonObject>(
    rows: Table | readonly Row[],
    options: UiOptions & { select: 'single'; label?: string },
  ): UiInput<Row | null>
  table<Row extends JsonObject = JsonObject>(
    rows: Table | readonly Row[],
    options?: UiOptions & { select?: 'multiple'; label?: string },
  ): UiInput<Row[]>
  /** `value` counts the clicks. */
  button(label: string, options?: UiOptions): UiInput<number>
}

export interface ShowOptions {
  /** An earlier output of this cell with the same id is replaced. */
  id?: string
  /** It is extended instead: text goes on, points are added to the traces. */
  append?: boolean
}
/** Sync. Any value: table, figure, object, text. */
export interface Show {
  (value: unknown, options?: ShowOptions): void
  /** Sync. Markdown with GFM and math, drawn. */
  markdown(text: string, options?: ShowOptions): void
  /** Sync. HTML, drawn in a frame without rights. */
  html(text: string, options?: ShowOptions): void
}
/** What each quick form draws. */
export interface QuickForms {
  /** Sync. A line for each `y` (or value of `by`) over `x`. */
  line: unknown
  /** Sync. A bar for each `x`, as high as `y`; one beside the other for several. */
  bar: unknown
  /** Sync. A point for each row, at `x` and `y`. */
  scatter: unknown
  /** Sync. How often the values of `x` fall into each range. */
  histogram: unknown
  /** Sync. Median, quartiles and outliers of `y`, for each `x`. */
  box: unknown
  /** Sync. `z` as colour over `x` and `y`. */
  heatmap: unknown
  /** Sync. Shares: labels from `x`, values from `y`. */
  pie: unknown
}
export type QuickForm = keyof QuickForms
/** Names of columns: `by` makes a trace for each value, `z` is for heat maps. */
export interface PlotOptions extends ShowOptions {
  x?: string
  y?: string | string[]
  z?: string
  by?: string
  title?: string
}
/** Sync. Plotly traces and layout; or a quick form over a table, rows or numbers: `plot.line(table, { x, y })`. */
export type Plot = {
  (traces: object | object[], layout?: object, options?: ShowOptions): void
} & {
  [Form in keyof QuickForms]: (
    source: Table | JsonObject[] | ArrayLike<number>,
    options?: PlotOptions,
    layout?: object,
  ) => void
}

export interface Suricate {
  objects: Objects
  /** `` sql`select * from "name" where x > ${value}` ``: DuckDB over objects by name; parameters are bound. */
  sql(strings: TemplateStringsArray, ...values: (string | number | boolean | null)[]): Promise<Table>
  streams: Streams
  models: Models
  act: Act
  notebooks: {
    /** Runs another notebook in a sandbox of its own and resolves with its result, when it has ended. */
    run(name: string, parameters?: JsonObject): Promise<{ run: string; result: Json }>
  }
  /** Guarded egress; a Response-like with status, ok, headers, text(), json(), bytes(). */
  fetch(
    url: string,
    init?: { method?: string; headers?: { [name: string]: string }; body?: string },
  ): Promise<FetchResponse>
  show: Show
  plot: Plot
  /** Sync. A bar in the cell's output, with an estimate of what is left. */
  progress(done: number, total: number, label?: string): void
  log: {
    info(...values: unknown[]): void
    warn(...values: unknown[]): void
    error(...values: unknown[]): void
  }
  /** Sync. Returns the values of this run over these defaults; declares the notebook's parameters. */
  parameters<const P extends { [name: string]: string | number | boolean | ParameterSpec }>(
    spec: P,
  ): { readonly [K in keyof P]: ParameterValueOf<P[K]> }
  ui: Ui
  /** Sync. The result of the run; otherwise it is the last expression of the last cell. */
  result(value: unknown): void
}
export interface FetchResponse {
  readonly status: number
  readonly ok: boolean
  readonly headers: { [name: string]: string }
  text(): Promise<string>
  json(): Promise<Json>
  bytes(): Promise<Uint8Array>
}
