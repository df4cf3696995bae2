/** OTLP over HTTP. An exporter is given `…/api/v1/streams/ID/otlp` as its endpoint, and appends the rest itself. */
import { z } from 'zod'
import { idParams, operation } from './operation.ts'

const mediaTypes = ['application/x-protobuf', 'application/json']
const rejected = { errorMessage: z.string().optional() }

export const otlpOperations = {
  pushOtlpMetrics: operation({
    method: 'post',
    path: '/streams/{id}/otlp/v1/metrics',
    tag: 'streams',
    summary: 'OpenTelemetry metrics: a message for each data point',
    scope: 'run',
    params: idParams,
    raw: { description: 'ExportMetricsServiceRequest, also compressed with gzip', mediaTypes },
    response: z.object({
      partialSuccess: z.object({ ...rejected, rejectedDataPoints: z.number().int() }).optional(),
    }),
  }),
  pushOtlpLogs: operation({
    method: 'post',
    path: '/streams/{id}/otlp/v1/logs',
    tag: 'streams',
    summary: 'OpenTelemetry logs: a message for each record',
    scope: 'run',
    params: idParams,
    raw: { description: 'ExportLogsServiceRequest, also compressed with gzip', mediaTypes },
    response: z.object({
      partialSuccess: z.object({ ...rejected, rejectedLogRecords: z.number().int() }).optional(),
    }),
  }),
}
