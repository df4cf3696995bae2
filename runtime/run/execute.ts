/**
 * One run in one fresh sandbox: the cells in document order, until the first that does not end well; for a processing
 * notebook then the stretch of its streams. CPU and wall time are one budget for all of it. It answers how the run
 * ended and never rejects because of the notebook.
 */
import type { UserError } from '../api/runs.ts'
import { AppError, isAppError, toMessage } from '../error.ts'
import { isShallow, type Json, type JsonObject } from '../json.ts'
import { checkParameters, mergeSchemas, type ParameterSchema } from '../notebook/parameters.ts'
import { errorMime } from '../notebook/output.ts'
import { toLabel } from '../notebook/notebook.ts'
import { toSource } from '../notebook/source.ts'
import type { PinnedNotebook } from '../project/notebooks.ts'
import type { Execution, GuestOutput, Limits, Receipt, Sandbox, Sandboxes } from '../sandbox/port.ts'
import type { CreateHost, HostContext, PackageUse, Registration } from '../sdk/context.ts'
import type { Outcome, RunRecord } from './run-state.ts'
import type { ActionRecorder, Passing, PassThrough, Prepared, Stretch } from './services.ts'

const maxResultBytes = 1_000_000
const maxResultDepth = 180

export interface ExecuteDeps {
  sandboxes: Sandboxes
  createHost: CreateHost
  actions: ActionRecorder
  passThrough: PassThrough
  limits: { cpuMs: number; wallMs: number } & Partial<Limits>
  now(): number
}
export interface Ended {
  outcome: Outcome
  result: Json
  error: UserError | null
  receipt: Receipt
  packages?: PackageUse[]
}
export interface Executing {
  workspace: string
  run: RunRecord
  version: PinnedNotebook
  depth: number
  stretch: Stretch | null
  /** Aborted to cancel. */
  signal: AbortSignal
  /** Cells wait for it: the run's record is durable. */
  recorded: Promise<unknown>
  onOutput(output: GuestOutput): void
}

/** Of all that `parameters(...)` declares in one run. */
const maxDeclaredBytes = 1_048_576

export async function execute(deps: ExecuteDeps, job: Executing): Promise<Ended> {
  const { run, version, workspace, signal } = job
  /** Its `messages` are those of streams: what crosses to the sandbox is none. */
  const total: Receipt = { cpuMs: 0, wallMs: 0, peakBytes: 0, messages: 0, bytes: 0 }
  const registrations: Registration[] = []
  let declared: ParameterSchema = version.parameters
  let declaredBytes = 0
  let chosenBy: string | null | undefined
  let died: string | undefined
  let passing: Passing | undefined
  let sandbox: Sandbox | undefined
  const context: HostContext = {
    workspace,
    kind: version.kind,
    notebook: run.notebook,
    project: run.project,
    run: run.id,
    kernel: null,
    deployment: null,
    parameters: run.parameters,
    lineage: { objects: [], streams: [] },
    act: (request, step) =>
      passing
        ? passing.act(request, step)
        : deps.actions.record(workspace, { notebook: run.notebook, run: run.id }, request),
    ...(version.kind === 'processing'
      ? {
          register: async (registration: Registration): Promise<void> => {
            registrations.push(registration)
          },
        }
      : {}),
    depth: job.depth,
    receipt: () => {
      const use = sandbox?.usage() ?? { rssBytes: 0, cpuMs: 0 }
      return { cpuMs: Math.max(total.cpuMs, use.cpuMs), peakBytes: Math.max(total.peakBytes, use.rssBytes) }
    },
    declare: (schema) => {
      declaredBytes += JSON.stringify(schema).length
      if (declaredBytes > maxDeclaredBytes)
        throw new AppError('limit', 'A run declares at most 1 MB of parameters.')
      declared = mergeSchemas(declared, schema as ParameterSchema)
    },
    onMessages: (count) => {
      total.messages += count
    },
    resultGiven: (cell) => {
      chosenBy = cell
    },
  }
  const startedAt = deps.now()
  const left = (): { cpuMs: number; wallMs: number } => ({
    cpuMs: Math.max(1, deps.limits.cpuMs - total.cpuMs),
    wallMs: Math.max(1, deps.limits.wallMs - (deps.now() - startedAt)),
  })
  const end = (outcome: Outcome, result: Json, error: UserError | null): Ended => ({
    outcome,
    result,
    error,
    receipt: { ...total, wallMs: deps.now() - startedAt },
    ...(context.lineage.packages ? { packages: context.lineage.packages } : {}),
  })

  const interrupt = (): void => {
    sandbox?.interrupt().catch(() => undefined)
  }
  try {
    const host = deps.createHost(context)
    let prepared: Prepared | undefined
    if (version.kind === 'processing' && job.stretch)
      prepared = await deps.passThrough.prepare(workspace, job.stretch, host)
    sandbox = await deps.sandboxes.open({
      workspace,
      limits: deps.limits,
      host: prepared?.host ?? host,
      ...(prepared?.clock && { clock: prepared.clock }),
      onOutput: (output) => job.onOutput(output),
      onDeath: (reason) => {
        died = reason
      },
      parameters: run.parameters,
      kind: version.kind,
    })
    signal.addEventListener('abort', interrupt, { once: true })
    await job.recorded
    let result: Json = null
    for (const [index, cell] of version.cells.entries()) {
      if (signal.aborted) return end('killed', null, cancelled)
      const source = toSource(cell)
      if (source === undefined) continue
      const label = String(index + 1)
      const execution = await sandbox.execute({ id: cell.id, label, source }, left())
      addReceipt(total, { ...execution.receipt, messages: 0 })
      if (execution.status !== 'ok') {
        const error = toUserError(execution, label, died, (id) => toLabel(version.cells, id))
        if (!execution.error || execution.status !== 'error' || signal.aborted)
          return end(execution.status, null, signal.aborted ? cancelled : error)
        return end('error', null, error)
      }
      if (chosenBy === undefined || chosenBy === cell.id) result = bound(execution.json ?? null, cell.id, job)
    }
    if (!version.complete) checkParameters(declared, run.parameters)
    if (!prepared) return end('ok', result, null)
    if (registrations.length === 0)
      return end('error', null, {
        name: 'Error',
        message: 'The notebook registers no handler. Call streams.on(...) in a cell.',
      })
    passing = prepared.pass({
      workspace,
      sandbox,
      notebook: run.notebook,
      run: run.id,
      registrations,
      limits: left(),
      signal,
    })
    const { result: passed, receipt } = await passing.ended
    addReceipt(total, receipt)
    return end('ok', passed, null)
  } catch (error) {
    if (signal.aborted) return end('killed', null, cancelled)
    return end(isAppError(error, 'timeout') ? 'timeout' : 'error', null, toThrown(error, version))
  } finally {
    signal.removeEventListener('abort', interrupt)
    // Nobody waits for the child to be gone.
    sandbox?.close().catch(() => undefined)
  }
}

const cancelled: UserError = { name: 'Cancelled', message: 'The run was cancelled.' }

export function addReceipt(total: Receipt, more: Receipt): void {
  total.cpuMs += more.cpuMs
  total.wallMs += more.wallMs
  total.peakBytes = Math.max(total.peakBytes, more.peakBytes)
  total.messages += more.messages
  total.bytes += more.bytes
}

/** `label`: of the cell that was executed; the place may be in another one, by a function of which it failed. */
export function toUserError(
  { status, error }: Pick<Execution, 'status' | 'error'>,
  label: string,
  died: string | undefined,
  labelOf: (cell: string) => string | undefined,
): UserError {
  const names = { timeout: 'Timeout', memory: 'OutOfMemory', killed: 'Killed', error: 'Error', ok: 'Error' }
  if (!error) return { name: names[status], message: died ?? `The cell ended: ${status}.`, cell: label }
  const { name, message, line, column, stack, thrown } = error
  return {
    name,
    message,
    cell: (error.cell !== undefined && labelOf(error.cell)) || label,
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
    ...(stack === undefined ? {} : { stack }),
    ...(thrown === undefined ? {} : { thrown }),
  }
}

/** What a host function, the pool or a handler rejected with. */
function toThrown(error: unknown, version: PinnedNotebook): UserError {
  const given = (error as { error?: Partial<UserError> } | null)?.error
  if (!given) return { name: isAppError(error) ? error.code : 'Error', message: toMessage(error) }
  const index = version.cells.findIndex((cell) => cell.id === given.cell)
  const { cell: _, ...rest } = given
  return {
    name: 'Error',
    message: toMessage(error),
    ...rest,
    ...(index < 0 ? {} : { cell: String(index + 1) }),
  }
}

function bound(result: Json, cell: string, job: Executing): Json {
  const json = JSON.stringify(result)
  const shallow = isShallow(json, maxResultDepth)
  if (json.length <= maxResultBytes && shallow) return result
  const text = shallow
    ? `The value of the cell has ${json.length} bytes as JSON; the result of a run has at most 1 MB. Keep it as an object.\n`
    : `The value of the cell is nested deeper than ${maxResultDepth} levels, the limit of the result of a run.\n`
  job.onOutput({ cell, kind: 'stderr', data: { 'text/plain': text } })
  return null
}

/** The output that shows an error, where the sandbox could not make one itself. */
export function toErrorOutput(cell: string | null, error: UserError): GuestOutput {
  const text = `${error.name}: ${error.message}`
  return { cell, kind: 'error', data: { [errorMime]: error as unknown as JsonObject, 'text/plain': text } }
}
