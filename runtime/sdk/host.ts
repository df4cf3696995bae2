/**
 * The SDK on the host's side: one table from name to checked host function, bound to one context. Workspace, notebook
 * and rights come from the context alone; what the guest sends is names and arguments, validated here and nowhere else.
 * What is read is recorded in the context's lineage.
 */
import type { z } from 'zod'
import { AppError } from '../error.ts'
import type { Json, JsonObject } from '../json.ts'
import type { HostAnswer, HostCall, HostFunction, HostTable } from '../sandbox/port.ts'
import { act } from './act.ts'
import { argumentSchemas } from './arguments.ts'
import type { CreateHost, HostContext } from './context.ts'
import { toCost } from './cost.ts'
import { toMilliseconds, toTime } from './duration.ts'
import type { OnOptions, StreamMessage } from './interface.ts'
import { readObject, readStream } from './lineage.ts'
import type { SdkServices } from './services.ts'

/** Rows of one result; beyond it SQL should aggregate. */
const maxRows = 2_000_000
const maxObjectBytes = 100 * 1024 * 1024
const maxDepth = 5

type Schemas = typeof argumentSchemas
interface Bound {
  services: SdkServices
  context: HostContext
  workspace: string
}
interface Entry {
  schema: z.ZodType
  call: (bound: Bound, args: never, call: HostCall) => Promise<HostAnswer>
}
function entry<Name extends keyof Schemas>(
  name: Name,
  call: (bound: Bound, args: z.output<Schemas[Name]>, call: HostCall) => Promise<HostAnswer>,
): Entry {
  return { schema: argumentSchemas[name], call }
}
const answer = (value: unknown, binary?: Uint8Array[]): HostAnswer => ({
  value: value as Json,
  ...(binary ? { binary } : {}),
})

export const hostEntries: { readonly [name: string]: Entry } = {
  'objects.list': entry('objects.list', async ({ services, workspace }, [query]) =>
    answer(await services.objects.find(workspace, query)),
  ),
  'objects.get': entry('objects.name', async ({ services, workspace }, [name]) =>
    answer(await services.objects.getByName(workspace, name)),
  ),
  'objects.bytes': entry('objects.name', async ({ services, workspace, context }, [name]) => {
    const object = await services.objects.getByName(workspace, name)
    if (object.bytes > maxObjectBytes)
      throw new AppError(
        'too-large',
        `"${name}" has ${object.bytes} bytes; a notebook takes at most 100 MB whole. Read it with sql.`,
      )
    readObject(context.lineage, object)
    return answer(null, [await services.objects.bytes(workspace, object.id)])
  }),
  'objects.table': entry('objects.name', async (bound, [name], call) =>
    query(bound, `select * from "${name.replaceAll('"', '""')}"`, [], call.signal),
  ),
  'objects.create': entry('objects.create', async ({ services, workspace }, [name, options], call) =>
    answer(await services.objects.create(workspace, { name, ...options }, content(call))),
  ),
  'objects.update': entry('objects.name', async ({ services, workspace }, [name], call) => {
    const object = await services.objects.getByName(workspace, name)
    return answer(await services.objects.replace(workspace, object.id, content(call)))
  }),
  'objects.delete': entry('objects.name', async ({ services, workspace }, [name]) => {
    const object = await services.objects.getByName(workspace, name)
    await services.objects.delete(workspace, object.id)
    return answer(null)
  }),
  sql: entry('sql', (bound, [text, parameters], call) => query(bound, text, parameters, call.signal)),
  'streams.list': entry('none', async ({ services, workspace }) =>
    answer(await services.streams.find(workspace)),
  ),
  'streams.recent': entry('streams.recent', async ({ services, workspace, context }, [name, options]) =>
    messages(context, name, await services.streams.recent(workspace, name, options)),
  ),
  'streams.between': entry(
    'streams.between',
    async ({ services, workspace, context }, [name, from, to, options]) => {
      const range = { from: toTime(from), to: toTime(to), limit: options.limit }
      return messages(context, name, await services.streams.between(workspace, name, range))
    },
  ),
  'streams.on': entry('streams.on', async ({ context }, [stream, handler, options]) => {
    if (!context.register)
      throw new AppError(
        'conflict',
        'streams.on belongs to a processing notebook. Change the kind of this one to processing.',
      )
    checkWindow(options as OnOptions)
    await context.register({ stream, handler, options: options as OnOptions })
    return answer(null)
  }),
  'models.save': entry('models.save', async ({ services, workspace, context }, [name, options], call) => {
    const { notebook, run, parameters, lineage } = context
    const use = context.receipt()
    const money = toCost(services.prices, { ...use, wallMs: use.cpuMs })
    const gb = use.peakBytes / 1024 ** 3
    const saved = await services.models.save(workspace, {
      name,
      kind: options.kind,
      artifact: content(call),
      signature: options.signature,
      metrics: options.metrics,
      baseline: options.baseline,
      alias: options.alias ?? null,
      run,
      lineage: {
        ...structuredClone(lineage),
        notebook: notebook.id,
        notebookVersion: notebook.version,
        run,
        parameters,
      },
      cost: { cpuSeconds: use.cpuMs / 1000, memoryGbSeconds: (gb * use.cpuMs) / 1000, money },
    })
    return answer(saved)
  }),
  'models.load': entry('models.load', async ({ services, workspace }, [reference]) => {
    const { artifact, ...version } = await services.models.load(workspace, reference)
    return answer(version, [artifact])
  }),
  'models.list': entry('none', async ({ services, workspace }) =>
    answer(await services.models.find(workspace)),
  ),
  'act.webhook': entry('act.webhook', ({ context }, [url, body, { headers, ...options }], call) =>
    act(context, call, 'webhook', { url, body, headers: headers ?? {} }, options),
  ),
  'act.alert': entry(
    'act.alert',
    ({ context }, [title, { severity, details, fingerprint, ...options }], call) =>
      act(
        context,
        call,
        'alert',
        { title, severity, details, ...(fingerprint === undefined ? {} : { fingerprint }) },
        options,
      ),
  ),
  'notebooks.run': entry('notebooks.run', async ({ services, context }, [name, parameters], call) => {
    if (context.depth >= maxDepth)
      throw new AppError('limit', `notebooks.run is nested ${maxDepth} deep; that is the limit.`)
    return answer(await services.runs.nest(context, name, parameters, call.signal))
  }),
  fetch: entry('fetch', async ({ services, workspace }, [url, init], call) => {
    const response = await services.egress.fetch(workspace, url, { ...init, signal: call.signal })
    return answer({ status: response.status, headers: response.headers }, [response.body])
  }),
  'parameters.declare': entry('parameters.declare', ({ context }, [schema]) => {
    context.declare(schema)
    return Promise.resolve(answer(null))
  }),
}

export function createHost(services: SdkServices): CreateHost {
  return (context) => {
    const bound: Bound = { services, context, workspace: context.workspace }
    const table: { [name: string]: HostFunction } = Object.create(null)
    for (const [name, { schema, call }] of Object.entries(hostEntries))
      table[name] = (args, hostCall) => {
        const parsed = schema.safeParse(args)
        if (!parsed.success) return Promise.reject(toInvalid(name, parsed.error))
        return call(bound, parsed.data as never, hostCall)
      }
    return Object.freeze(table) as HostTable
  }
}

async function query(
  { services, workspace, context }: Bound,
  sql: string,
  parameters: (string | number | boolean | null)[],
  signal: AbortSignal,
): Promise<HostAnswer> {
  const { table, objects } = await services.tables.query(workspace, { sql, parameters, maxRows, signal })
  if (table.truncated)
    throw new AppError(
      'too-large',
      `The result has more than ${maxRows.toLocaleString('en')} rows. Aggregate, filter or limit it in SQL.`,
    )
  for (const object of objects) readObject(context.lineage, object)
  const head = {
    names: table.columns.map((column) => column.name),
    types: table.columns.map((column) => column.type),
    rows: table.rows,
  }
  return answer(
    head,
    table.columns.map((column) => column.data),
  )
}

function messages(context: HostContext, name: string, found: StreamMessage[]): HostAnswer {
  const times = found.map((message) => message.eventTime)
  if (times.length)
    readStream(context.lineage, {
      name,
      from: times.reduce((a, b) => Math.min(a, b)),
      to: times.reduce((a, b) => Math.max(a, b)) + 1,
    })
  const plain = found.map(({ seq, body, headers, key, eventTime, receivedAt }) => ({
    seq,
    body,
    headers,
    key,
    eventTime,
    receivedAt,
  }))
  return answer(null, [Buffer.from(JSON.stringify(plain))])
}

function content(call: HostCall): Uint8Array {
  const [bytes, ...more] = call.binary
  if (!bytes || more.length > 0) throw new AppError('invalid', 'The call needs its data as one binary part.')
  return bytes
}

function checkWindow(options: OnOptions): void {
  for (const duration of [options.outOfOrder, options.lateness])
    if (duration !== undefined) toMilliseconds(duration)
  const { window } = options
  if (!window) return
  if (options.batch) throw new AppError('invalid', 'streams.on takes a window or batch: true, not both.')
  const size = toMilliseconds(window.size)
  if (size === 0) throw new AppError('invalid', 'The size of a window must be more than 0.')
  if (window.offset !== undefined) toMilliseconds(window.offset)
  if (window.type !== 'hopping') return
  const hop = toMilliseconds(window.hop)
  if (hop === 0 || hop > size)
    throw new AppError('invalid', 'The hop of a window must be more than 0 and at most its size.')
}

function toInvalid(name: string, error: z.ZodError): AppError {
  const issue = error.issues[0]
  const [index, ...path] = issue?.path ?? []
  const where = typeof index === 'number' ? `argument ${index + 1}` : 'its arguments'
  const field = path.length ? `, ${path.join('.')}` : ''
  return new AppError('invalid', `${name}: ${where}${field}: ${issue?.message ?? 'is wrong'}.`, {
    path: [index, ...path].join('.'),
  } satisfies JsonObject)
}
