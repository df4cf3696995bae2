import { z } from 'zod'
import { id, idParams, json, jsonObject, operation, page, pageQuery, time } from './operation.ts'
import { triggerOperations } from './triggers.ts'

export const outputKind = z.enum(['stdout', 'stderr', 'display', 'result', 'progress', 'error'])
export const output = z.object({
  /** Dense per run or kernel, from 1. */
  seq: z.number().int(),
  cell: z.string().nullable(),
  kind: outputKind,
  /** MIME bundle: text/plain, text/html, text/markdown, image/png (base64), application/json,
   * application/vnd.plotly.v1+json, application/vnd.suricate.table+json, application/vnd.suricate.error+json,
   * application/vnd.suricate.progress+json. */
  data: jsonObject,
  /** The seq of the output that this one replaces. */
  replaces: z.number().int().optional(),
  at: time,
})
export type Output = z.infer<typeof output>
/** application/vnd.suricate.table+json: the first rows, and where all of them are. */
export const tableOutput = z.object({
  names: z.array(z.string()),
  types: z.record(z.string(), z.string()),
  length: z.number().int(),
  rows: z.array(jsonObject),
  /** All of its rows are at /tables/{ref}, where it has more than these. */
  ref: z.string().optional(),
  /** Why it has no ref. */
  note: z.string().optional(),
})
export const progressOutput = z.object({
  done: z.number(),
  total: z.number(),
  label: z.string().optional(),
  /** Since it was at `from`, for an estimate of what is left. */
  elapsedMs: z.number().optional(),
  from: z.number().optional(),
})
export const userError = z.object({
  name: z.string(),
  message: z.string(),
  cell: z.string().optional(),
  line: z.number().int().optional(),
  column: z.number().int().optional(),
  stack: z.string().optional().describe('the frames of cells alone, one a line: `at name (cell 2:3:14)`'),
  thrown: z.string().optional().describe('what was thrown, as text, where it was no Error'),
})
export type UserError = z.infer<typeof userError>
export const receipt = z.object({
  cpuMs: z.number(),
  wallMs: z.number(),
  peakBytes: z.number(),
  messages: z
    .number()
    .describe('of streams, that it read or was passed; of an execution, frames of the sandbox'),
  bytes: z.number().describe('that came from its sandbox: outputs, questions, results'),
  cost: z.number(),
  /** Of the project's, those that it imported: `integrity` of the tarball, `sha256` of the bundle. */
  packages: z
    .array(z.object({ name: z.string(), version: z.string(), integrity: z.string(), sha256: z.string() }))
    .optional(),
})
export type Receipt = z.infer<typeof receipt>

export const runState = z.enum([
  'queued',
  'running',
  'succeeded',
  'failed',
  'timed_out',
  'cancelled',
  'skipped',
])
export type RunState = z.infer<typeof runState>
export const runTrigger = z.object({
  type: z.enum([
    'api',
    'schedule',
    'stream',
    'object',
    'model',
    'run',
    'alert',
    'failure',
    'notebook',
    'person',
  ]),
  id: z.string().optional(),
  stream: z.string().optional(),
  from: z.number().optional(),
  to: z.number().optional(),
  at: time.optional(),
  /** What it was about: an object's, run's or alert's id, a model's name. */
  subject: z.string().optional(),
  name: z.string().optional(),
  version: z.number().int().optional(),
  alias: z.string().optional(),
  change: z.string().optional(),
  /** How many runs led to this one, each by a trigger. */
  chain: z.number().int().optional(),
  /** From the second on. */
  attempt: z.number().int().optional(),
})
export const run = z.object({
  id,
  notebook: z.object({ id, version: z.number().int(), name: z.string() }),
  project: id,
  state: runState,
  parameters: jsonObject,
  trigger: runTrigger,
  result: json,
  error: userError.nullable(),
  outputs: z.array(output).optional(),
  receipt: receipt.nullable(),
  progress: progressOutput.nullable(),
  createdAt: time,
  startedAt: time.nullable(),
  endedAt: time.nullable(),
})
export type Run = z.infer<typeof run>
export const runSpec = z.object({
  parameters: jsonObject.default({}),
  /** A saved version; default: the notebook as it is now (saved as a version when it has changed). */
  version: z.number().int().positive().optional(),
  /** Processing notebooks: the stretch of event time. */
  from: z.union([z.number(), z.string()]).optional(),
  to: z.union([z.number(), z.string()]).optional(),
  answers: id
    .optional()
    .describe('a deployment: what the host answered it over the stretch is answered again'),
  action: id
    .optional()
    .describe(
      'in place of from and to, the instant at which it fired: its handler is called once with what it was given then, and tells what would be fired beside what was; nothing leaves',
    ),
})
const waitQuery = z.object({ wait: z.coerce.number().min(0).max(120).optional().describe('seconds') })

export const kernelState = z.enum(['starting', 'idle', 'busy', 'dead'])
export const kernel = z.object({
  id,
  notebook: id,
  state: kernelState,
  reason: z.string().nullable(),
  execution: z.string().nullable(),
  cell: z.string().nullable(),
  memoryBytes: z.number(),
  startedAt: time,
  lastSeq: z.number().int(),
  /** After a crash, a restart or a shutdown: why the variables are gone, and the cells that have not run again yet. */
  lost: z.object({ reason: z.string(), cells: z.array(z.string()) }).nullable(),
})
export type Kernel = z.infer<typeof kernel>
export const execution = z.object({
  execution: z.string(),
  state: z.enum(['queued', 'running', 'ok', 'error', 'timeout', 'memory', 'killed']),
  outputs: z.array(output),
  value: z.string().nullable(),
  error: userError.nullable(),
  receipt: receipt.nullable(),
})
export type Execution = z.infer<typeof execution>
/** The data of `execution` events. `source` is what last ran in the cell in the kernel as it is now, from `at` on. */
export const executionSummary = execution.omit({ outputs: true }).extend({
  cell: z.string().nullable(),
  source: z.string().nullable(),
  at: time.nullable(),
})
export type ExecutionSummary = z.infer<typeof executionSummary>

export const variable = z.object({
  name: z.string(),
  /** `number`, `array`, `Table`, `DataFrame`, `Float64Array`, `function`, a class's name. */
  type: z.string(),
  /** `1000 × 3`, `12`, `5 keys`, `80 characters`. */
  shape: z.string().nullable(),
  /** An estimate. */
  bytes: z.number().nullable(),
  preview: z.string(),
  /** The cell that declared it last; null: the interactive line. */
  cell: z.string().nullable(),
})
export type Variable = z.infer<typeof variable>
export const variablePage = page(variable).extend({
  /** When they were read; null: never. */
  at: time.nullable(),
  /** False: something has run since, or runs now. */
  live: z.boolean(),
})
export type VariablePage = z.infer<typeof variablePage>

export const runOperations = {
  createRun: operation({
    method: 'post',
    path: '/notebooks/{id}/runs',
    tag: 'runs',
    summary: 'Run the whole notebook in a fresh kernel; with ?wait= answers 200 with the finished run',
    scope: 'run',
    params: idParams,
    query: waitQuery,
    body: runSpec,
    status: 202,
    response: run,
    idempotent: true,
  }),
  findRuns: operation({
    method: 'get',
    path: '/runs',
    tag: 'runs',
    summary: 'Runs, newest first',
    scope: 'read',
    query: pageQuery.extend({ notebook: id.optional(), state: runState.optional() }),
    response: page(run),
  }),
  getRun: operation({
    method: 'get',
    path: '/runs/{id}',
    tag: 'runs',
    summary: 'A run with its outputs',
    scope: 'read',
    params: idParams,
    response: run,
  }),
  cancelRun: operation({
    method: 'post',
    path: '/runs/{id}/cancel',
    tag: 'runs',
    summary: 'Cancel',
    scope: 'run',
    params: idParams,
    response: run,
  }),
  getRunEvents: operation({
    method: 'get',
    path: '/runs/{id}/events',
    tag: 'runs',
    summary: 'state and output events',
    scope: 'read',
    params: idParams,
    events: true,
  }),
  openKernel: operation({
    method: 'post',
    path: '/notebooks/{id}/kernel',
    tag: 'kernels',
    summary: 'The notebook’s kernel, started when it is not there',
    scope: 'run',
    params: idParams,
    response: kernel,
  }),
  getKernel: operation({
    method: 'get',
    path: '/kernels/{id}',
    tag: 'kernels',
    summary: 'A kernel',
    scope: 'read',
    params: idParams,
    response: kernel,
  }),
  findKernels: operation({
    method: 'get',
    path: '/kernels',
    tag: 'kernels',
    summary: 'Living kernels; of one notebook also a dead one, with its reason',
    scope: 'read',
    query: pageQuery.extend({ notebook: id.optional() }),
    response: page(kernel),
  }),
  execute: operation({
    method: 'post',
    path: '/kernels/{id}/execute',
    tag: 'kernels',
    summary: 'Run a source, or a cell; with ?wait= answers 200 when it ended',
    scope: 'run',
    params: idParams,
    query: waitQuery,
    body: z.object({
      source: z.string().max(262_144, 'a cell has at most 256 KB'),
      cell: z.string().max(64).optional(),
      parameters: jsonObject.optional(),
    }),
    status: 202,
    response: execution,
    idempotent: true,
  }),
  findExecutions: operation({
    method: 'get',
    path: '/kernels/{id}/executions',
    tag: 'kernels',
    summary: 'Of each cell the last execution, and the source that made the variables',
    scope: 'read',
    params: idParams,
    query: pageQuery,
    response: page(executionSummary),
  }),
  findVariables: operation({
    method: 'get',
    path: '/kernels/{id}/variables',
    tag: 'kernels',
    summary:
      'The variables by name, with type, shape, bytes and a preview; while the kernel works, the last known',
    scope: 'read',
    params: idParams,
    query: pageQuery,
    response: variablePage,
  }),
  interruptKernel: operation({
    method: 'post',
    path: '/kernels/{id}/interrupt',
    tag: 'kernels',
    summary: 'Interrupt; variables are kept where they can be',
    scope: 'run',
    params: idParams,
    response: kernel,
  }),
  restartKernel: operation({
    method: 'post',
    path: '/kernels/{id}/restart',
    tag: 'kernels',
    summary: 'Restart with no variables',
    scope: 'run',
    params: idParams,
    response: kernel,
  }),
  getKernelEvents: operation({
    method: 'get',
    path: '/kernels/{id}/events',
    tag: 'kernels',
    summary: 'kernel, execution and output events',
    scope: 'read',
    params: idParams,
    events: true,
  }),
  closeKernel: operation({
    method: 'delete',
    path: '/kernels/{id}',
    tag: 'kernels',
    summary: 'Shut down',
    scope: 'run',
    params: idParams,
    status: 204,
  }),
  ...triggerOperations,
}
