/**
 * What a collector writes into its stream: one message for each kind and reading, told apart by `collector` and `host`.
 * Rates are per second since the reading before. Keys of maps are lists: a map over two keys is a link from one to the
 * other.
 */
import { z } from 'zod'
import { time } from './operation.ts'

const share = z.number().nullable()
export const resource = z.object({
  kind: z.enum(['cpu', 'memory', 'swap', 'disk', 'network', 'pressure']),
  name: z.string(),
  /** 0 to 1; null where it cannot be known. */
  utilisation: share,
  /** Work that waits, in `saturationUnit`. */
  saturation: z.number().nullable(),
  saturationUnit: z.string(),
  /** Errors a second. */
  errors: z.number().nullable(),
  /** Bytes a second, of disks and networks. */
  rate: z.number().nullable(),
})
export type Resource = z.infer<typeof resource>
export const process = z.object({
  pid: z.number().int(),
  name: z.string(),
  /** Cores in use. */
  cpu: z.number(),
  /** Resident bytes. */
  memory: z.number(),
  /** Bytes a second from and to disks; null where it may not be read. */
  read: z.number().nullable(),
  written: z.number().nullable(),
})
export type Process = z.infer<typeof process>
export const link = z.object({ from: z.string(), to: z.string(), strength: z.number() })
export type Link = z.infer<typeof link>
/** [from, to), null for no bound. */
export const bucket = z.object({ from: z.number().nullable(), to: z.number().nullable(), count: z.number() })
export type Bucket = z.infer<typeof bucket>

const head = {
  at: time,
  host: z.string(),
  collector: z.string(),
  /** Of a script that came from the page. */
  job: z.string().nullable(),
}
/** `total`: since the start; else since the message before. */
const total = z.boolean()
export const probeMessage = z.discriminatedUnion('kind', [
  z.object({ ...head, kind: z.literal('resources'), items: z.array(resource) }),
  z.object({ ...head, kind: z.literal('processes'), items: z.array(process) }),
  z.object({ ...head, kind: z.literal('links'), unit: z.string(), items: z.array(link) }),
  z.object({
    ...head,
    kind: z.literal('counts'),
    name: z.string(),
    total,
    items: z.array(z.object({ key: z.array(z.string()), value: z.number() })),
  }),
  z.object({
    ...head,
    kind: z.literal('histogram'),
    name: z.string(),
    scale: z.enum(['log2', 'linear']),
    total,
    items: z.array(z.object({ key: z.array(z.string()), buckets: z.array(bucket) })),
  }),
  z.object({ ...head, kind: z.literal('text'), text: z.string() }),
  z.object({ ...head, kind: z.literal('note'), level: z.enum(['info', 'error']), text: z.string() }),
])
export type ProbeMessage = z.infer<typeof probeMessage>
type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never
/** What was read, before it is known where and for whom. */
export type Reading = Without<ProbeMessage, keyof typeof head>
