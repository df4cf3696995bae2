/** Runs, kernels, triggers. */
import type { Actor } from '../../runtime/access/actor.ts'
import type { Actions } from '../../runtime/action/actions.ts'
import type { Execution, Run, runOperations } from '../../runtime/api/runs.ts'
import type { Deployments } from '../../runtime/deployment/deployments.ts'
import type { Notebooks } from '../../runtime/project/notebooks.ts'
import type { Kernels } from '../../runtime/run/kernels.ts'
import { isFinal } from '../../runtime/run/run-state.ts'
import type { Runs } from '../../runtime/run/runs.ts'
import type { Triggers } from '../../runtime/run/triggers.ts'
import { eventStream } from './events.ts'
import type { Handlers } from './handler.ts'
import { checkSeen } from './notebooks.ts'
import { triggerHandlers } from './triggers.ts'

export function runHandlers(services: {
  runs: Runs
  kernels: Kernels
  triggers: Triggers
  notebooks: Notebooks
  actions: Pick<Actions, 'get'>
  deployments: Pick<Deployments, 'check'>
}): Handlers<keyof typeof runOperations> {
  const { runs, kernels, triggers, notebooks, actions, deployments } = services
  const seeNotebook = async (actor: Actor, id: string): Promise<void> => {
    if (!actor.projects) return
    checkSeen(actor, (await notebooks.get(actor.workspace, id)).project, 'notebook', id)
  }
  const seeRun = async (actor: Actor, id: string): Promise<Run> => {
    const run = await runs.head(actor.workspace, id)
    checkSeen(actor, run.project, 'run', id)
    return run
  }
  const seeKernel = (actor: Actor, id: string): void =>
    checkSeen(actor, kernels.place(actor.workspace, id).project, 'kernel', id)

  return {
    createRun: async ({ actor, params, query: { wait }, body, signal, request }) => {
      await seeNotebook(actor, params.id)
      const { action, answers } = body
      if (action !== undefined) await actions.get(actor.workspace, action, actor.projects)
      if (answers !== undefined) await deployments.check(actor.workspace, answers, actor.projects)
      // A page signs in by cookie, a program by token.
      const trigger = { type: request.headers.has('authorization') ? ('api' as const) : ('person' as const) }
      const run = await runs.create(actor.workspace, params.id, { ...body, trigger })
      if (!wait) return located(run)
      const waited = await runs.wait(actor.workspace, run.id, wait, signal)
      return isFinal(waited.state) ? { status: 200, value: waited } : located(waited)
    },
    findRuns: ({ actor, query }) => runs.find(actor.workspace, { ...query, projects: actor.projects }),
    getRun: async ({ actor, params: { id } }) => {
      const run = await runs.get(actor.workspace, id)
      checkSeen(actor, run.project, 'run', id)
      return run
    },
    cancelRun: async ({ actor, params: { id } }) => {
      await seeRun(actor, id)
      return runs.cancel(actor.workspace, id)
    },
    getRunEvents: async (call) => {
      const { actor, params } = call
      await seeRun(actor, params.id)
      return eventStream(call, (last, signal) => runs.events(actor.workspace, params.id, toSeq(last), signal))
    },
    openKernel: async ({ actor, params: { id } }) => {
      await seeNotebook(actor, id)
      return kernels.open(actor.workspace, id)
    },
    getKernel: async ({ actor, params: { id } }) => {
      seeKernel(actor, id)
      return kernels.get(actor.workspace, id)
    },
    findKernels: async ({ actor, query }) => kernels.find(actor.workspace, actor.projects, query),
    execute: async ({ actor, params: { id }, query: { wait }, body, signal }) => {
      seeKernel(actor, id)
      const execution = await kernels.execute(actor.workspace, id, body, wait ?? 0, signal)
      return { status: wait && isDone(execution) ? 200 : 202, value: execution }
    },
    findExecutions: async ({ actor, params: { id }, query }) => {
      seeKernel(actor, id)
      return kernels.executions(actor.workspace, id, query)
    },
    findVariables: async ({ actor, params: { id }, query }) => {
      seeKernel(actor, id)
      return kernels.variables(actor.workspace, id, query)
    },
    interruptKernel: async ({ actor, params: { id } }) => {
      seeKernel(actor, id)
      return kernels.interrupt(actor.workspace, id)
    },
    restartKernel: async ({ actor, params: { id } }) => {
      seeKernel(actor, id)
      return kernels.restart(actor.workspace, id)
    },
    getKernelEvents: async (call) => {
      const { actor, params } = call
      seeKernel(actor, params.id)
      return eventStream(call, (last, signal) =>
        kernels.events(actor.workspace, params.id, toSeq(last), signal),
      )
    },
    closeKernel: async ({ actor, params: { id } }) => {
      seeKernel(actor, id)
      return kernels.shutDown(actor.workspace, id)
    },
    ...triggerHandlers({ triggers, notebooks }),
  }
}

function located(run: Run): { status: number; value: Run } {
  return { status: 202, value: run }
}
function isDone({ state }: Execution): boolean {
  return state !== 'queued' && state !== 'running'
}
function toSeq(last: string | null): number {
  return last !== null && /^\d{1,15}$/.test(last) ? Number(last) : 0
}
