/**
 * One opening of a deployment: a sandbox in which the cells of the pinned version ran once, the inputs they registered,
 * and a processor restored from the last commit. It is thrown away with every death and every discarded step, so that
 * nothing of a step that does not count lives on.
 */
import { digest } from '../action/entry.ts'
import { AppError } from '../error.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import { toSource } from '../notebook/source.ts'
import type { GuestError, GuestOutput, Sandbox } from '../sandbox/port.ts'
import type { HostContext, Registration } from '../sdk/context.ts'
import type { WorkspaceStore } from '../store/port.ts'
import { type Caller, createCaller, SandboxDied } from './handler.ts'
import { type Input, streamsOf } from './input.ts'
import { type DeploymentDeps, type DeploymentLimits, type PinnedNotebook } from './ports.ts'
import { createProcessor, type Processor } from './processor.ts'
import { openRecords, type Records } from './records.ts'
import { createReplyLog, type Reply, takeReplies } from './replies.ts'
import { findStart, resolveInput, type StartFrom } from './start.ts'

export interface SessionRequest {
  workspace: string
  deployment: string
  notebook: PinnedNotebook
  parameters: JsonObject
  from: StartFrom
  createdAt: number
  limits: DeploymentLimits
  wait: (ms: number) => Promise<void>
  onOutput: (output: GuestOutput) => void
  onDeath: (reason: string) => void
}
export interface Session {
  sandbox: Sandbox
  inputs: Input[]
  processor: Processor
  caller: Caller
  records: Records
  offsets: { [stream: string]: number }
  /** Of the last commit; 0 before the first. */
  number: number
  close(): Promise<void>
}
/** A cell did not end well: the person's to repair. */
export class CellFailed extends Error {
  override readonly name = 'CellFailed'
}

export async function openSession(deps: DeploymentDeps, request: SessionRequest): Promise<Session> {
  const { workspace, notebook, limits } = request
  const store = deps.store.in(workspace)
  const registrations: Registration[] = []
  let open: Sandbox | undefined
  const caller = createCaller(() => getSandbox(open), {
    retryMs: limits.retryMs,
    limits: () => limits.handler,
    wait: request.wait,
  })
  const context: HostContext = {
    workspace,
    kind: 'processing',
    notebook: { id: notebook.id, version: notebook.version, name: notebook.name },
    project: notebook.project,
    run: null,
    kernel: null,
    deployment: request.deployment,
    parameters: request.parameters,
    lineage: { objects: [], streams: [] },
    act: (action, step) => caller.act(action, step),
    register(registration) {
      if (registrations.length >= 100)
        return Promise.reject(new AppError('limit', 'A notebook registers at most 100 handlers.'))
      registrations.push(registration)
      return Promise.resolve()
    },
    depth: 0,
    receipt: () => caller.receipt,
    declare: () => undefined,
  }
  const opening = createReplyLog()
  let ran = false
  const sandbox = await deps.sandboxes.open({
    workspace,
    kind: 'processing',
    clock: toCellClock(request),
    host: takeReplies(
      deps.createHost(context),
      ({ step }) => caller.log(step) ?? (ran ? undefined : opening),
    ),
    parameters: request.parameters,
    limits: { ...limits.cell, ...limits.handler },
    onOutput: request.onOutput,
    onDeath: request.onDeath,
  })
  open = sandbox
  try {
    for (const [position, cell] of notebook.cells.entries()) {
      const source = toSource(cell)
      if (source === undefined) continue
      const label = String(position + 1)
      const { status, error } = await sandbox.execute({ id: cell.id, label, source }, limits.cell)
      if (status === 'killed') throw new SandboxDied(error?.message ?? `it ended in cell ${label}`)
      if (status !== 'ok')
        throw new CellFailed(
          error
            ? describe(error, notebook)
            : `Cell ${label} ended with ${status}: it went over a limit of time or memory.`,
        )
    }
    ran = true
    if (registrations.length === 0)
      throw new CellFailed('The notebook registers no handler. Call streams.on(name, options, handler).')
    const inputs = await Promise.all(registrations.map((one, index) => resolveInput(store, one, index)))
    return {
      sandbox,
      caller,
      ...(await restore(store, request, inputs, caller, [...opening.replies])),
      close: () => sandbox.close(),
    }
  } catch (error) {
    await sandbox.close()
    throw error
  }
}

function getSandbox(sandbox: Sandbox | undefined): Sandbox {
  if (!sandbox) throw new AppError('internal', 'A handler is called before its sandbox is open.')
  return sandbox
}

async function restore(
  store: WorkspaceStore,
  request: SessionRequest,
  inputs: Input[],
  caller: Caller,
  opened: readonly Reply[],
): Promise<Pick<Session, 'inputs' | 'processor' | 'records' | 'offsets' | 'number'>> {
  const { deployment, notebook, from, createdAt } = request
  const head = await store.commits.head(deployment)
  const state: [string, Json][] = []
  const page = 1000
  for (let after: string | null = null; head;) {
    const found = await store.commits.state(deployment, after, page)
    for (const { key, value } of found) state.push([key, value])
    after = found.at(-1)?.key ?? null
    if (found.length < page) break
  }
  const offsets: { [stream: string]: number } = {}
  for (const stream of inputs.flatMap(streamsOf))
    offsets[stream.id] ??=
      head?.offsets[stream.id] ?? (await findStart(store.log, stream.id, from, createdAt))
  const processor = createProcessor({
    deployment,
    notebook: { id: notebook.id, version: notebook.version },
    inputs,
    caller,
    ...(head && { restore: { clocks: head.clocks, state } }),
  })
  const clocks = isJsonObject(head?.clocks) ? head.clocks : {}
  const records = openRecords(store.blobs, deployment, opened, { records: clocks.records, state })
  return { inputs, processor, records, offsets, number: head?.number ?? 0 }
}

/** Of the cells: when the deployment was made, each time that they run; so they declare the same each time. */
export function toCellClock({ createdAt, deployment }: Pick<SessionRequest, 'createdAt' | 'deployment'>): {
  now: number
  seed: number
} {
  return { now: createdAt, seed: Number.parseInt(digest(deployment).slice(0, 8), 16) | 0 }
}

/** For a person: what, and where in their own text. */
export function describe(error: GuestError, notebook: Pick<PinnedNotebook, 'cells'>): string {
  const position = notebook.cells.findIndex(({ id }) => id === error.cell)
  const cell = position < 0 ? error.cell : position + 1
  const where =
    cell === undefined ? '' : ` (cell ${cell}${error.line === undefined ? '' : `, line ${error.line}`})`
  return `${error.name}: ${error.message}${where}`.slice(0, 2000)
}
