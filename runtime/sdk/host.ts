/**
 * The SDK on the host's side: one table from name to checked host function, bound to one context. Workspace, notebook
 * and rights come from the context alone; what the guest sends is names and arguments, validated here and nowhere else.
 * What is read is recorded in the context's lineage.
 */
import type { z } from 'zod'
import type { DataObject } from '../api/objects.ts'
import { AppError } from '../error.ts'
import { newId } from '../id.ts'
import type { Json, JsonObject } from '../json.ts'
import type { HostAnswer, HostCall, HostFunction, HostTable } from '../sandbox/port.ts'
import type { Artifact } from '../model/artifact.ts'
import type { Variable } from '../query/queries.ts'
import { act } from './act.ts'
import { argumentSchemas } from './arguments.ts'
import type { CreateHost, HostContext } from './context.ts'
import { toTime } from './duration.ts'
import { createImports, type Imports } from './imports.ts'
import type { ObjectInfo } from './interface.ts'
import { readObject, readStream, usePackage } from './lineage.ts'
import { checkHandler } from './on.ts'
import type { ColumnData } from '../table/port.ts'
import { maxPartFrames, maxPayloadBytes, type Payload } from './payload.ts'
import type { SdkServices } from './services.ts'
import type { StreamMessage } from './streaming.ts'
import { createTransfers, type Transfers } from './transfers.ts'
import { toVariables } from './variables.ts'

/** Rows of one result; beyond it SQL should aggregate. */
const maxRows = 2_000_000
/** A shorter result is shown whole by its output. */
const minKeptRows = 100
/** Beyond every limit of a cell, which ends its queries before. */
const maxQueryMs = 900_000
const maxDepth = 5
const maxListed = 1000

type Schemas = typeof argumentSchemas
interface Bound {
  services: SdkServices
  context: HostContext
  workspace: string
  transfers: Transfers
  imports: Imports
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
  'objects.list': entry('objects.list', async ({ services, workspace }, [{ tag }]) => {
    const { items } = await services.objects.find(workspace, { limit: maxListed, ...(tag ? { tag } : {}) })
    return answer(items.map(toObjectInfo))
  }),
  'objects.get': entry('objects.name', async ({ services, workspace }, [name]) =>
    answer(toObjectInfo(await services.objects.getByName(workspace, name))),
  ),
  'objects.bytes': entry('objects.name', async ({ services, workspace, context }, [name]) => {
    const object = await services.objects.getByName(workspace, name)
    const bytes = await services.objects.bytes(workspace, object, maxPayloadBytes)
    readObject(context.lineage, object)
    return answer(null, [bytes])
  }),
  'objects.table': entry('objects.name', async (bound, [name], call) =>
    query(bound, `select * from objects."${name.replaceAll('"', '""')}"`, [], call.signal),
  ),
  'objects.create': entry(
    'objects.create',
    async ({ services, workspace, context, transfers }, [name, options, sent], call) => {
      const upload = { name, ...options, run: context.run, source: content(toSent(transfers, sent, call)) }
      return answer(
        toObjectInfo(await services.objects.create(workspace, { ...upload, tags: options.tags ?? [] })),
      )
    },
  ),
  'objects.import': entry(
    'objects.import',
    async ({ imports, context }, [url, name, { tags = [], mediaType }, number], call) =>
      answer(
        toObjectInfo(
          await imports.run(number, { url, name, tags, mediaType, run: context.run }, call.signal),
        ),
      ),
  ),
  'objects.importing': entry('objects.importing', async ({ imports }, [number]) =>
    answer(await imports.progress(number)),
  ),
  'objects.update': entry(
    'objects.update',
    async ({ services, workspace, context, transfers }, [name, sent], call) => {
      const source = content(toSent(transfers, sent, call))
      const object = await services.objects.getByName(workspace, name)
      const upload = { mediaType: object.mediaType, run: context.run, source }
      return answer(toObjectInfo(await services.objects.replace(workspace, object.id, upload)))
    },
  ),
  'objects.delete': entry('objects.name', async ({ services, workspace }, [name]) => {
    const object = await services.objects.getByName(workspace, name)
    await services.objects.delete(workspace, object.id)
    return answer(null)
  }),
  sql: entry('sql', async (bound, [text, parameters, tables = [], sent], call) => {
    const variables = toVariables(bound, tables, toSent(bound.transfers, sent, call))
    // the guest sends what is not held any more
    if (!variables) return answer({ missing: true })
    return query(bound, text, parameters, call.signal, variables)
  }),
  'streams.list': entry('none', async ({ services, workspace }) => {
    const { items } = await services.streams.find(workspace, { limit: maxListed })
    return answer(items.map(({ id, name, source, state }) => ({ id, name, type: source.type, state })))
  }),
  'streams.recent': entry('streams.recent', async ({ services, workspace, context }, [name, options]) =>
    messages(context, name, await services.streams.recent(workspace, name, options)),
  ),
  'streams.between': entry(
    'streams.between',
    async ({ services, workspace, context }, [name, from, to, options]) => {
      const found = await services.streams.between(workspace, name, toTime(from), toTime(to), options.limit)
      return messages(context, name, found)
    },
  ),
  'streams.publish': entry(
    'streams.publish',
    async ({ services, workspace, context }, [name, body, options]) => {
      if (context.kind === 'processing')
        throw new AppError(
          'conflict',
          'The cells of a processing notebook run again at every start. Publish with act.publish in a handler.',
        )
      const { id = newId('msg'), headers, routingKey } = options
      await services.outlet.publish(workspace, name, { id, body, headers, routingKey })
      return answer({ id })
    },
  ),
  // as text: the value of a call has a bound of its depth, a message has another
  'streams.instant': entry('streams.instant', async ({ services, workspace, context }, [action]) => {
    if ((await services.instants.projectOf(workspace, action)) !== context.project)
      throw new AppError('not-found', 'There is no such action of a notebook of this project.')
    return answer(JSON.stringify(await services.instants.tell(workspace, action)))
  }),
  'streams.on': entry('streams.on', async ({ context }, [stream, handler, options]) => {
    if (!context.register)
      throw new AppError(
        'conflict',
        'streams.on belongs to a processing notebook. Change the kind of this one to processing.',
      )
    const [first, ...others] = [...new Set([stream, options.join?.with ?? []].flat())]
    checkHandler(options, others.length + 1)
    await context.register({ stream: first!, handler, options, ...(others.length > 0 && { others }) })
    return answer(null)
  }),
  'models.save': entry('models.save', async (bound, [name, options, sent], call) => {
    const { services, workspace, context } = bound
    const artifact = toArtifact(toSent(bound.transfers, sent, call))
    const { notebook, run, parameters, lineage } = context
    const use = context.receipt()
    const cpuSeconds = use.cpuMs / 1000
    const read = structuredClone(lineage) as unknown as JsonObject
    const saved = await services.models.save(workspace, {
      name,
      ...options,
      artifact,
      lineage: { notebook: notebook.id, notebookVersion: notebook.version, run, parameters, ...read },
      cost: { cpuSeconds, memoryGbSeconds: (use.peakBytes / 1024 ** 3) * cpuSeconds },
      by: run ?? notebook.name,
    })
    const { version, sha256, metrics } = saved
    return answer({ name: saved.model, version, sha256, metrics })
  }),
  'models.load': entry('models.load', async ({ services, workspace }, [reference]) => {
    const { version: found, artifact } = await services.models.load(workspace, reference)
    const { model: name, version, metrics, signature } = found
    const frames = [Buffer.from(JSON.stringify(artifact.json)), ...artifact.binary]
    if (frames.length <= maxPartFrames) return answer({ name, version, metrics, signature }, frames)
    const lengths = frames.map((frame) => frame.byteLength)
    return answer({ name, version, metrics, signature, lengths }, [Buffer.concat(frames)])
  }),
  'models.list': entry('none', async ({ services, workspace }) => {
    const { items } = await services.models.find(workspace, { limit: maxListed })
    return answer(items.map(({ name, aliases }) => ({ name, aliases })))
  }),
  'parts.send': entry('parts.send', async ({ transfers }, [transfer], call) => {
    transfers.add(transfer, call.binary, call.signal)
    return answer(null)
  }),
  'tables.keep': entry('tables.keep', async (bound, [table, sent], call) =>
    answer({
      ref: await keepTable(bound, table, sent ? bound.transfers.take(sent) : call.binary, call.cell),
    }),
  ),
  'act.webhook': entry('act.webhook', ({ context }, [url, body, { headers, ...options }], call) =>
    act(context, call, 'webhook', { url, body, headers: headers ?? {} }, options),
  ),
  'act.publish': entry(
    'act.publish',
    ({ context }, [stream, body, { headers, routingKey, ...options }], call) =>
      act(
        context,
        call,
        'publish',
        { stream, body, ...(headers && { headers }), ...(routingKey !== undefined && { routingKey }) },
        options,
      ),
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
  'packages.import': entry('packages.import', importPackage),
  fetch: entry('fetch', async ({ services, workspace }, [url, init], call) => {
    const response = await services.egress.fetch(workspace, url, { ...init, signal: call.signal })
    return answer({ status: response.status, headers: response.headers }, [response.body])
  }),
  'parameters.declare': entry('parameters.declare', ({ context }, [schema]) => {
    context.declare(schema)
    return Promise.resolve(answer(null))
  }),
  'result.given': entry('none', ({ context }, _, call) => {
    context.resultGiven?.(call.cell)
    return Promise.resolve(answer(null))
  }),
}

/** The script of a package of the project; what there is, by name, for anything else. */
async function importPackage({ services, workspace, context }: Bound, [name]: [string]): Promise<HostAnswer> {
  const found = await services.packages?.load(workspace, context.project, name, context.notebook)
  if (!found || 'names' in found) return answer({ names: found?.names ?? [] })
  usePackage(context.lineage, found.used)
  return answer(null, [found.code])
}

export function createHost(services: SdkServices): CreateHost {
  return (context) => {
    const { workspace } = context
    const imports = createImports({ ...services, workspace })
    const bound: Bound = { services, context, workspace, transfers: createTransfers(), imports }
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
  variables: Variable[] = [],
): Promise<HostAnswer> {
  const asked = { sql, parameters, maxRows, signal, variables, timeoutMs: maxQueryMs }
  const { objects, streams, ...table } = await services.queries.query(workspace, asked)
  if (table.truncated)
    throw new AppError(
      'too-large',
      `The result has more than ${maxRows.toLocaleString('en')} rows. Aggregate, filter or limit it in SQL.`,
    )
  for (const object of objects) readObject(context.lineage, object)
  for (const range of streams) readStream(context.lineage, range)
  const head = {
    names: table.columns.map((column) => column.name),
    types: table.columns.map((column) => column.type),
    rows: table.rows,
    ...(table.rows > minKeptRows ? { from: services.outputTables.hold(workspace, table) } : {}),
  }
  return answer(
    head,
    table.columns.map((column) => column.data),
  )
}

/** null where no output is kept, and for what the host does not have any more. */
async function keepTable(
  { services, workspace, context }: Bound,
  {
    names,
    types,
    rows,
    from,
  }: { names: string[]; types: ColumnData['type'][]; rows: number; from?: string | undefined },
  frames: Uint8Array[],
  cell: string | null,
): Promise<string | null> {
  if (context.deployment !== null) return null
  const { notebook, run } = context
  // an execution that is no cell's has its own id
  const place = {
    owner: run ?? notebook.id,
    notebook: notebook.id,
    cell: cell?.startsWith('exe_') ? null : cell,
  }
  if (from !== undefined) return (await services.outputTables.again(workspace, place, from)) ?? null
  if (frames.length !== names.length || types.length !== names.length)
    throw new AppError('invalid', 'A table is kept with a name, a type and the bytes of each column.')
  const columns = names.map((name, i) => ({ name, type: types[i]!, data: frames[i]! }))
  return services.outputTables.keep(workspace, place, { columns, rows })
}

function messages(context: HostContext, name: string, found: readonly StreamMessage[]): HostAnswer {
  context.onMessages?.(found.length)
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

function toObjectInfo({ id, name, mediaType, bytes, sha256, rows, columns, tags }: DataObject): ObjectInfo {
  const told = columns.map((column) => ({ name: column.name, type: column.type }))
  return { id, name, mediaType, bytes, sha256, rows, columns: told, tags }
}

/** Its JSON first, as text, then its frames. */
function toArtifact([text, ...binary]: Uint8Array[]): Artifact {
  try {
    return { json: JSON.parse(Buffer.from(text ?? []).toString()) as Json, binary }
  } catch {
    throw new AppError('invalid', 'models.save needs the model as JSON text and its frames.')
  }
}

/** The frames of a call: those that came in parts before it, or its own. */
function toSent(transfers: Transfers, sent: Payload | undefined, call: HostCall): Uint8Array[] {
  return sent ? transfers.take(sent) : call.binary
}

function content([bytes, ...more]: Uint8Array[]): Uint8Array {
  if (!bytes || more.length > 0) throw new AppError('invalid', 'The call needs its data as one binary part.')
  return bytes
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
