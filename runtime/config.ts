/** Configuration by environment: every variable with its default, checked at start. Nothing else reads process.env. */
import { z } from 'zod'
import { AppError } from './error.ts'

const flag = z.enum(['0', '1']).transform((v) => v === '1')
const hostPort = /^(\[[0-9a-fA-F:]+\]|[^\s/:,]+):\d{1,5}$/

const schema = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  HOST: z.string().default('127.0.0.1'),
  SURICATE_DATA: z.string().min(1).default('.suricate'),
  SURICATE_MONGODB_URI: z.string().optional(),
  SURICATE_MONGODB_DATABASE: z.string().default('suricate'),
  SURICATE_AMQP_URL: z.string().optional(),
  /** A fixed first token, for scripts and tests. */
  SURICATE_TOKEN: z.string().min(16, 'must have at least 16 characters').optional(),
  SURICATE_SAMPLES: flag.default(true),
  SURICATE_EGRESS_ALLOW: z
    .string()
    .default('')
    .transform((v) =>
      v
        .split(',')
        .map((s) => s.trim())
        .filter(Boolean),
    )
    .refine(
      (list) => list.every((pair) => hostPort.test(pair)),
      'must be host:port pairs separated by commas',
    ),
  SURICATE_LOG: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** Single user: no limit of CPU or wall time for interactive cells. Only on loopback. */
  SURICATE_SINGLE_USER: flag.default(true),
  /** A kernel that nothing used for so long ends; 0: never. Default: 15, 480 for a single user. */
  SURICATE_KERNEL_IDLE_MINUTES: z.coerce.number().min(0).max(43_200).optional(),
  SURICATE_RUNS_AT_ONCE: z.coerce.number().int().min(1).max(64).default(4),
  SURICATE_POOL: z.coerce.number().int().min(0).max(16).default(2),
  SURICATE_UPLOAD_MB: z.coerce.number().int().min(1).default(500),
  /** Where packages for notebooks come from. */
  SURICATE_NPM_REGISTRY: z
    .url({ protocol: /^https?$/, error: 'must be an http or https address' })
    .default('https://registry.npmjs.org'),
  SURICATE_PRICE_CPU_HOUR: z.coerce.number().min(0).default(0),
  SURICATE_PRICE_GB_HOUR: z.coerce.number().min(0).default(0),
  /** Of a GB of messages kept for a month. */
  SURICATE_PRICE_STORED_GB_MONTH: z.coerce.number().min(0).default(0),
  NEXTAUTH_URL: z.string().optional(),
  NEXTAUTH_SECRET: z.string().optional(),
})
export type Config = z.output<typeof schema>

/** invalid: names the variable and what would be right. */
export function toConfig(environment: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  )
  const result = schema.safeParse(given)
  if (!result.success) {
    const first = result.error.issues[0]
    throw new AppError(
      'invalid',
      `The environment variable ${first?.path.join('.')} is wrong: ${first?.message}.`,
    )
  }
  return result.data
}
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}
