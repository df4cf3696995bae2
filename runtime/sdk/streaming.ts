/**
 * What a processing notebook says about its streams: windows, watermarks, joins, state that expires, models that learn.
 * Part of the SDK's interface; the host checks it in on.ts.
 */
import type { Json, JsonObject } from '../json.ts'

/** Milliseconds, or text such as `'30 s'`, `'1 h'`, `'5 min'`, `'1 d'`. */
export type Duration = number | string
export interface StreamMessage<Body = Json> {
  seq: number
  body: Body
  headers: JsonObject
  key: string | null
  /** ms UTC */
  eventTime: number
  receivedAt: number
  /** Name of the stream, where a handler has several. */
  stream?: string
}
export type WindowSpec =
  /** One after the other, aligned to 1970-01-01 UTC plus `offset`. */
  | { type: 'tumbling'; size: Duration; offset?: Duration }
  /** Overlapping, one begins every `hop`; at most `size`. */
  | { type: 'hopping'; size: Duration; hop: Duration; offset?: Duration }
  /** For each message, those of the `size` before it: over (t - size, t], or [t - size, t] when closed on `both` sides. */
  | { type: 'sliding'; size: Duration; closed?: 'right' | 'both' }
  /** Messages closer to each other than `gap`. */
  | { type: 'session'; gap: Duration }
  /** The last `size` messages of a key, told every `slide` of them (default: `size`). */
  | { type: 'count'; size: number; slide?: number }
  /** A unit of the local calendar of a zone (`'Europe/Berlin'`, default UTC): a day has 23, 24 or 25 hours. */
  | {
      type: 'calendar'
      unit: 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year'
      zone?: string
    }
  /** One window without end: told by `early` or `trigger: 'element'` alone. */
  | { type: 'global' }
export type WatermarkSpec =
  /**
   * The highest event time minus `outOfOrder`. With `partition` (a field path, or `'key'`) the least of the partitions'
   * own; one that is silent for `idle` does not hold the others back. Of several streams each is a partition.
   */
  | { type: 'bounded'; partition?: string; idle?: Duration }
  /** Goes on with the clock while no message comes: closes the last windows of a silent stream. */
  | { type: 'boundedPlusWallclock' }
  /** A message that has this field says that none before that time comes any more; it is a mark and no message. */
  | { type: 'punctuated'; field: string }
  /** Event time is arrival minus `lag`, whatever the messages say. */
  | { type: 'wallClockLag'; lag: Duration }
/** Publishes `state.model` as a version of the model, with the range of seq that it learned from as its lineage. */
export interface LearnSpec {
  /** Name of the model in the registry. */
  model: string
  /** A version after so many messages, or so long in event time; with both, whichever comes first. */
  count?: number
  every?: Duration
  /** Only where `state.metrics` is better than at the last published version, by more than `by` (0). */
  gate?: { metric: string; better: 'lower' | 'higher'; by?: number }
  /** Moved to each published version. */
  alias?: string
}
export interface HandlerOptions {
  /** Field path of the body to key by; default: the stream's key. `null`: not keyed. */
  by?: string | null
  /** Default: the stream's. */
  outOfOrder?: Duration
  lateness?: Duration
  watermark?: WatermarkSpec
  /** A message whose event time is further ahead of its arrival is kept in the late log and moves no watermark. */
  maxFuture?: Duration
  /** An alert when more than `rejects` (100) messages were late or future among the last `events` (1,000), or within `within`. */
  lateAlarm?: { rejects: number; events?: number; within?: Duration } | null
  /** Called with each message that was too late or too far in the future, with the state of its key. */
  late?: Handler<LateInput>
  /** A key's state goes when event time has passed its last change by so much. */
  expire?: Duration
  /** Keys with state at most (100,000); one more stops the deployment and names this bound. */
  maxKeys?: number
  learn?: LearnSpec
}
export interface WindowOptions extends HandlerOptions {
  window: WindowSpec
  batch?: false
  /** `element`: a pane with every message. Default: when the window is complete. */
  trigger?: 'watermark' | 'element'
  /** A pane before the window is complete: after `count` new messages, or `every` so long by arrival. */
  early?: { count?: number; every?: Duration }
  /** `accumulating`: every pane has the whole content, and its row replaces the earlier one. `discarding`: what is new. */
  panes?: 'accumulating' | 'discarding'
  /** Windows of a known key without any message are told too (tumbling and calendar): "the sensor is silent". */
  emitEmpty?: boolean
}
export interface BatchOptions extends HandlerOptions {
  window?: undefined
  /** What has come so far, cut where seq is a multiple of 500. */
  batch: true
}
export interface MessageOptions extends HandlerOptions {
  window?: undefined
  batch?: false
}
export type OnOptions = WindowOptions | BatchOptions | MessageOptions
export interface JoinOptions extends Omit<HandlerOptions, 'learn'> {
  /** Two messages of one key belong together when their event times differ by at most this. */
  within: Duration
  /** Messages that found no partner are told too, with null beside them, once none can come any more. */
  unmatched?: 'none' | 'left' | 'right' | 'both'
  /** Messages at most that wait for a partner (100,000). */
  maxWaiting?: number
}
export interface WindowInput<Body = Json> {
  key: string | null
  /** `pane` is `count` for windows by count. */
  window: { start: number; end: number; pane: 'early' | 'onTime' | 'late' | 'count'; index: number }
  messages: StreamMessage<Body>[]
}
export interface BatchInput<Body = Json> {
  messages: StreamMessage<Body>[]
}
export interface MessageInput<Body = Json> {
  key: string | null
  message: StreamMessage<Body>
}
export interface LateInput<Body = Json> extends MessageInput<Body> {
  reason: 'late' | 'future'
  /** Where event time stood; null before the first message. */
  watermark: number | null
}
export interface JoinInput<Left = Json, Right = Json> {
  key: string | null
  left: StreamMessage<Left> | null
  right: StreamMessage<Right> | null
}
export type Handler<Input, State extends JsonObject = JsonObject> = (
  input: Input,
  state: State,
) => JsonObject | void | Promise<JsonObject | void>

/** What a handler was given when one of its calls asked for an action, and what came of it. */
export interface FiredInstant<Body = Json> {
  /** What the handler got: `key`, `window` and `messages`, or `message`, or `left` and `right`. */
  input: {
    key?: string | null
    window?: WindowInput['window']
    messages?: StreamMessage<Body>[]
  } & JsonObject
  /** The state of its key before. */
  state: JsonObject
  /** The message clock, ms UTC, and the seed of `Math.random`. */
  now: number
  seed: number
  row: JsonObject | null
  actions: { kind: string; request: JsonObject; key: string }[]
  /** What the host answered during the call, in order; the bytes of binary answers alone. */
  replies: { name: string; value: Json; bytes: number; error: string | null }[]
}

export interface Streams {
  /** Every stream with the kind of its source and its state. */
  list(): Promise<{ id: string; name: string; type: string; state: string }[]>
  /** The last `seconds` by arrival, oldest first; at most `limit` (1,000). */
  recent(name: string, options?: { seconds?: number; limit?: number }): Promise<StreamMessage[]>
  /** By event time in [from, to), oldest first; at most `limit` (10,000). Times: ms, Date, or text (UTC without zone). */
  between(
    name: string,
    from: number | string | Date,
    to: number | string | Date,
    options?: { limit?: number },
  ): Promise<StreamMessage[]>
  /**
   * A message into a stream: to its broker where it listens to one, else into its log; durable when it resolves. `id` is
   * the message's, by which the stream knows a repeat. Of an exchange with several keys `routingKey` is needed. Handlers
   * use `act.publish`.
   */
  publish(
    name: string,
    body: Json,
    options?: { id?: string; headers?: { [name: string]: string }; routingKey?: string },
  ): Promise<{ id: string }>
  /** Of an action of a deployment, by its id: what its handler was given when it fired, to step through it. */
  instant(action: string): Promise<FiredInstant>
  /**
   * In a processing notebook: registers the handler, which is called for each window, batch or message of the stream,
   * or of several. Refused elsewhere.
   */
  on(name: string | string[], options: WindowOptions, handler: Handler<WindowInput>): Promise<void>
  on(name: string | string[], options: BatchOptions, handler: Handler<BatchInput>): Promise<void>
  on(name: string | string[], options: MessageOptions, handler: Handler<MessageInput>): Promise<void>
  /** In a processing notebook: called with each pair of messages of two streams that belong together in time. */
  join(left: string, right: string, options: JoinOptions, handler: Handler<JoinInput>): Promise<void>
}
