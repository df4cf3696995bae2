import type { z } from 'zod'
import type { retentionView, rollup, streamSchema } from '../../api/digests.ts'
import type { Head } from '../../store/log.ts'
import type { Digest } from './digests.ts'
import { toProjected, type Retention } from './retention.ts'
import { units, type Rollup } from './rollup.ts'
import { isOptional, newSchema, toShare } from './schema.ts'
import { quantile } from './sketch.ts'

export function toSchemaView(
  digest: Digest | undefined,
  head: Head,
  type: string | null,
): z.input<typeof streamSchema> {
  const schema = digest?.schema ?? newSchema()
  return {
    observed: schema.observed,
    behind: Math.max(0, head.nextSeq - (digest?.next ?? head.firstSeq)),
    fields: Object.entries(schema.fields).map(([path, one]) => ({
      path,
      types: one.types,
      optional: isOptional(schema, path),
      share: toShare(schema, path),
      firstAt: one.firstAt ?? null,
      lastAt: one.lastAt ?? null,
      vanished: one.vanished ?? false,
      min: one.min ?? null,
      max: one.max ?? null,
      minLength: one.minLength ?? null,
      maxLength: one.maxLength ?? null,
    })),
    truncated: schema.truncated,
    drift: schema.drift,
    type,
  }
}

export function toRollupView({ unit, start, count, bytes, fields }: Rollup): z.input<typeof rollup> {
  return {
    start,
    count,
    rate: count / (units[unit] / 1000),
    bytes,
    fields: fields.map(({ path, sketch }) => ({
      path,
      count: sketch.count,
      mean: sketch.sum / sketch.count,
      min: sketch.min,
      max: sketch.max,
      p50: quantile(sketch, 0.5) ?? 0,
      p90: quantile(sketch, 0.9) ?? 0,
      p99: quantile(sketch, 0.99) ?? 0,
    })),
  }
}

export function toRetentionView(
  retention: Retention,
  has: { messages: number; bytes: number; since: number | null; bytesPerDay: number; price: number },
): z.input<typeof retentionView> {
  const { messages, bytes, since, bytesPerDay, price } = has
  const projectedBytes = toProjected(retention, bytesPerDay)
  const toCost = (size: number): number => (size / 1e9) * price
  return {
    ...retention,
    kept: { messages, bytes, since },
    bytesPerDay,
    projectedBytes,
    costPerMonth: toCost(bytes),
    projectedCostPerMonth: projectedBytes === null ? null : toCost(projectedBytes),
  }
}
