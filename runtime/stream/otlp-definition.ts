/**
 * What OTLP sends over HTTP, metrics and logs, as Protocol Buffers or as JSON: both come out in the shape of OTLP/JSON.
 * Fields and numbers are those of opentelemetry-proto 1.x, without what nothing here reads (dropped counts, exemplars,
 * links); a decoder passes over what it does not know. opentelemetry.io/docs/specs/otlp
 */
import protobuf from 'protobufjs'
import { AppError, toMessage } from '../error.ts'
import { isJsonObject, type JsonObject } from '../json.ts'
import { parseJson } from './format/json.ts'

export type OtlpSignal = 'metrics' | 'logs'

const definition = `
syntax = "proto3";
message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3;
  double double_value = 4; ArrayValue array_value = 5; KeyValueList kvlist_value = 6; bytes bytes_value = 7; } }
message ArrayValue { repeated AnyValue values = 1; }
message KeyValueList { repeated KeyValue values = 1; }
message KeyValue { string key = 1; AnyValue value = 2; }
message Scope { string name = 1; string version = 2; repeated KeyValue attributes = 3; }
message Resource { repeated KeyValue attributes = 1; }
message MetricsRequest { repeated ResourceMetrics resource_metrics = 1; }
message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
message ScopeMetrics { Scope scope = 1; repeated Metric metrics = 2; }
message Metric { string name = 1; string description = 2; string unit = 3;
  oneof data { Gauge gauge = 5; Sum sum = 7; Histogram histogram = 9;
    ExponentialHistogram exponential_histogram = 10; Summary summary = 11; } }
message Gauge { repeated NumberPoint data_points = 1; }
message Sum { repeated NumberPoint data_points = 1; int32 aggregation_temporality = 2; bool is_monotonic = 3; }
message Histogram { repeated HistogramPoint data_points = 1; int32 aggregation_temporality = 2; }
message ExponentialHistogram { repeated ExponentialPoint data_points = 1; int32 aggregation_temporality = 2; }
message Summary { repeated SummaryPoint data_points = 1; }
message NumberPoint { fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3;
  oneof value { double as_double = 4; sfixed64 as_int = 6; } repeated KeyValue attributes = 7; }
message HistogramPoint { fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3; fixed64 count = 4;
  optional double sum = 5; repeated fixed64 bucket_counts = 6; repeated double explicit_bounds = 7;
  repeated KeyValue attributes = 9; optional double min = 11; optional double max = 12; }
message ExponentialPoint { repeated KeyValue attributes = 1; fixed64 start_time_unix_nano = 2;
  fixed64 time_unix_nano = 3; fixed64 count = 4; optional double sum = 5; sint32 scale = 6; fixed64 zero_count = 7;
  Buckets positive = 8; Buckets negative = 9; optional double min = 12; optional double max = 13; }
message Buckets { sint32 offset = 1; repeated uint64 bucket_counts = 2; }
message SummaryPoint { fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3; fixed64 count = 4;
  double sum = 5; repeated Quantile quantile_values = 6; repeated KeyValue attributes = 7; }
message Quantile { double quantile = 1; double value = 2; }
message LogsRequest { repeated ResourceLogs resource_logs = 1; }
message ResourceLogs { Resource resource = 1; repeated ScopeLogs scope_logs = 2; }
message ScopeLogs { Scope scope = 1; repeated LogRecord log_records = 2; }
message LogRecord { fixed64 time_unix_nano = 1; int32 severity_number = 2; string severity_text = 3;
  AnyValue body = 5; repeated KeyValue attributes = 6; bytes trace_id = 9; bytes span_id = 10;
  fixed64 observed_time_unix_nano = 11; string event_name = 12; }
message MetricsResponse { MetricsPartial partial_success = 1; }
message MetricsPartial { int64 rejected_data_points = 1; string error_message = 2; }
message LogsResponse { LogsPartial partial_success = 1; }
message LogsPartial { int64 rejected_log_records = 1; string error_message = 2; }
message Status { int32 code = 1; string message = 2; }
`
let types: protobuf.Root | undefined
function typeOf(name: string): protobuf.Type {
  types ??= protobuf.parse(definition).root
  return types.lookupType(name)
}

/** The request in the shape of OTLP/JSON. unsupported: another media type; invalid: not what it says. */
export function parseOtlp(signal: OtlpSignal, bytes: Uint8Array, mediaType: string): JsonObject {
  const type = mediaType.split(';')[0]!.trim().toLowerCase()
  if (type === 'application/json') {
    const body = parseJson(new TextDecoder().decode(bytes))
    if (!isJsonObject(body)) throw new AppError('invalid', 'An OTLP request is a JSON object.')
    return body
  }
  if (type !== 'application/x-protobuf')
    throw new AppError('unsupported', 'OTLP over HTTP is application/x-protobuf or application/json.')
  const message = typeOf(signal === 'metrics' ? 'MetricsRequest' : 'LogsRequest')
  try {
    return message.toObject(message.decode(bytes), { longs: String, bytes: String }) as JsonObject
  } catch (error) {
    throw new AppError('invalid', `Not an OTLP request: ${toMessage(error).slice(0, 200)}`)
  }
}

/** The answer in the media type of the question; without anything rejected it is empty, as the protocol wants it. */
export function toOtlpAnswer(
  signal: OtlpSignal,
  mediaType: string,
  rejected: number,
  errorMessage: string,
): { bytes: Uint8Array; mediaType: string } {
  const counter = signal === 'metrics' ? 'rejectedDataPoints' : 'rejectedLogRecords'
  const answer = rejected === 0 ? {} : { partialSuccess: { [counter]: rejected, errorMessage } }
  return encode(signal === 'metrics' ? 'MetricsResponse' : 'LogsResponse', answer, mediaType)
}
/** google.rpc.Status, which OTLP answers failures with. */
export function toOtlpStatus(message: string, mediaType: string): { bytes: Uint8Array; mediaType: string } {
  return encode('Status', { message }, mediaType)
}
function encode(name: string, value: object, mediaType: string): { bytes: Uint8Array; mediaType: string } {
  if (!mediaType.startsWith('application/x-protobuf'))
    return { bytes: Buffer.from(JSON.stringify(value)), mediaType: 'application/json' }
  const type = typeOf(name)
  return { bytes: type.encode(type.fromObject(value)).finish(), mediaType: 'application/x-protobuf' }
}
