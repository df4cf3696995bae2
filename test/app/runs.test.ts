import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Call } from '../../app/api/handler.ts'
import { notebookHandlers } from '../../app/api/notebooks.ts'
import { runHandlers } from '../../app/api/runs.ts'
import { notebookOperations } from '../../runtime/api/notebooks.ts'
import { runOperations } from '../../runtime/api/runs.ts'
import { openTriggers, type Triggers } from '../../runtime/run/triggers.ts'
import { openAll, type Opened, workspace } from '../run/opened.ts'

type Given = { params?: object; query?: object; body?: object; revision?: number; lastEventId?: string }
type AnyHandlers = { [id: string]: (call: never) => unknown }

let all: Opened
let triggers: Triggers
let handlers: AnyHandlers
beforeAll(async () => {
  all = await openAll()
  const none = () => Promise.reject(new Error('not in this test'))
  triggers = openTriggers({ ...all, streams: { get: none, head: none } })
  const services = { ...all, triggers, actions: { get: none }, deployments: { check: none } }
  handlers = { ...notebookHandlers(all), ...runHandlers(services) } as unknown as AnyHandlers
})
afterAll(async () => {
  await triggers.close()
  await all.close()
})

const operations = { ...notebookOperations, ...runOperations } as unknown as {
  [id: string]: { response?: { parse(value: unknown): unknown } }
}
/** Calls a handler and holds its answer against the operation's schema. */
async function call<T = never>(id: string, given: Given = {}, projects: string[] | null = null): Promise<T> {
  const request = new Request('http://localhost/', { headers: { authorization: 'Bearer x' } })
  const actor = { workspace, member: 'm', projects }
  const asked = { params: {}, query: {}, revision: 0, lastEventId: null, request, signal: request.signal }
  const answer = await handlers[id]!({ actor, ...asked, ...given } as unknown as Call<'createRun'> as never)
  const value =
    answer && typeof answer === 'object' && 'value' in answer && 'status' in answer ? answer.value : answer
  const { response } = operations[id]!
  if (response) expect(response.parse(value)).toEqual(value)
  return answer as T
}

describe('notebook handlers', () => {
  test('make, edit, version, list and delete, each as its schema says', async () => {
    const project = await call<{ id: string; revision: number }>('createProject', {
      body: { name: 'REST', description: '' },
    })
    const of = { params: { id: project.id } }
    await call('getProject', of)
    await call('updateProject', { ...of, body: { description: 'd' }, revision: 1 })
    const body = { name: 'n', project: project.id, kind: 'analytics', cells: [{ source: '1' }], tags: [] }
    const { id } = await call<{ id: string }>('createNotebook', { body })
    await call('updateNotebook', { params: { id }, body: { tags: ['t'] }, revision: 1 })
    await call('createNotebookVersion', { params: { id }, body: { message: 'm' } })
    await call('getNotebook', { params: { id } })
    await call('getNotebookOutputs', { params: { id } })
    const found = await call<{ items: { id: string }[] }>('findNotebooks', { query: { tag: 't' } })
    expect(found.items.map((item) => item.id)).toEqual([id])
    const versions = await call<{ items: { version: number }[] }>('findNotebookVersions', { params: { id } })
    expect(versions.items.map(({ version }) => version)).toEqual([1])
    await call('deleteNotebook', { params: { id } })
    await expect(call('deleteProject', of)).rejects.toMatchObject({ code: 'conflict' })
    await call('deleteNotebook', { params: { id }, query: { purge: 'true' } })
    await call('deleteProject', of)
    await expect(call('getProject', of)).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('run handlers', () => {
  test('a run is 202, and 200 with its end when that was waited for', async () => {
    const { id } = await all.write('rest run', ['6 * 7'])
    const body = { parameters: {} }
    const begun = await call<{ status: number; value: { id: string } }>('createRun', { params: { id }, body })
    expect(begun.status).toBe(202)
    const ended = await call<{ status: number; value: object }>('createRun', {
      params: { id },
      query: { wait: 30 },
      body,
    })
    expect(ended).toMatchObject({
      status: 200,
      value: {
        state: 'succeeded',
        result: 42,
        trigger: { type: 'api' },
        outputs: [{ seq: 1, kind: 'result' }],
      },
    })
    await call('getRun', { params: { id: begun.value.id } })
    await call('cancelRun', { params: { id: begun.value.id } })
    const { items } = await call<{ items: object[] }>('findRuns', { query: { notebook: id } })
    expect(items.length).toBe(2)
    const events = await call<Response>('getRunEvents', { params: { id: begun.value.id } })
    const text = await events.text()
    expect(text.split('\n\n').map((part) => /event: (\w+)/.exec(part)?.[1])).toEqual([
      undefined,
      'output',
      'state',
      undefined,
    ])
    expect(text).toContain('id: 1\nevent: output\n')
  })
  test('a kernel opens, executes, restarts and closes', async () => {
    const notebook = await all.write('rest kernel', ['1'])
    const { id } = await call<{ id: string }>('openKernel', { params: { id: notebook.id } })
    const params = { id }
    const ended = await call<object>('execute', {
      params,
      query: { wait: 30 },
      body: { source: '1 + 1', cell: 'c1' },
    })
    expect(ended).toMatchObject({ status: 200, value: { state: 'ok', value: '2' } })
    const begun = await call<object>('execute', { params, body: { source: 'await new Promise(() => 0)' } })
    expect(begun).toMatchObject({ status: 202, value: { value: null } })
    await call('getKernel', { params })
    await call('findKernels')
    await call('findExecutions', { params })
    await call('findVariables', { params })
    await call('interruptKernel', { params })
    await call('restartKernel', { params })
    const stream = (await call<Response>('getKernelEvents', { params })).body!.getReader()
    expect(new TextDecoder().decode((await stream.read()).value)).toContain(': connected')
    await stream.cancel()
    await call('closeKernel', { params })
    await expect(call('getKernel', { params })).rejects.toMatchObject({ code: 'not-found' })
  })
  test('triggers are made, changed under their revision and deleted', async () => {
    const { id: notebook } = await all.write('rest trigger', ['1'])
    const spec = { type: 'schedule', cron: '0 3 * * *', zone: 'UTC' }
    const body = { notebook, spec, parameters: {}, enabled: true }
    const { id } = await call<{ id: string }>('createTrigger', { body })
    await call('updateTrigger', { params: { id }, body: { enabled: false }, revision: 1 })
    const { items } = await call<{ items: { enabled: boolean }[] }>('findTriggers', { query: { notebook } })
    expect(items.map(({ enabled }) => enabled)).toEqual([false])
    await call('deleteTrigger', { params: { id } })
  })
})

describe('a token that is confined to another project', () => {
  test('gets the answers of what is not there', async () => {
    const confined = ['prj_other']
    const notebook = await all.write('hidden', ['1'])
    const run = await all.run(notebook.id)
    const kernel = await all.kernels.open(workspace, notebook.id)
    const spec = { type: 'schedule' as const, cron: '0 3 * * *', zone: 'UTC' }
    const trigger = await triggers.create(workspace, { notebook: notebook.id, spec })
    const cases: [string, string, string[]][] = [
      ['notebook', notebook.id, ['getNotebook', 'updateNotebook', 'deleteNotebook', 'findNotebookVersions']],
      ['notebook', notebook.id, ['createNotebookVersion', 'getNotebookOutputs', 'createRun', 'openKernel']],
      ['project', all.project.id, ['getProject', 'updateProject', 'deleteProject']],
      ['run', run.id, ['getRun', 'cancelRun', 'getRunEvents']],
      [
        'kernel',
        kernel.id,
        ['getKernel', 'execute', 'interruptKernel', 'restartKernel', 'getKernelEvents', 'closeKernel'],
      ],
      [
        'trigger',
        trigger.id,
        ['getTrigger', 'updateTrigger', 'deleteTrigger', 'fireTrigger', 'findFirings', 'createTriggerToken'],
      ],
    ]
    for (const [noun, id, ids] of cases)
      for (const operation of ids)
        await expect(
          call(operation, { params: { id }, body: { source: '1', message: '' } }, confined),
          operation,
        ).rejects.toMatchObject({ code: 'not-found', message: `There is no ${noun} ${id}.` })
    for (const operation of ['findNotebooks', 'findProjects', 'findRuns', 'findKernels', 'findTriggers'])
      expect(await call(operation, {}, confined), operation).toEqual({ items: [], nextCursor: null })
    const body = { name: 'x', project: all.project.id }
    await expect(call('createNotebook', { body }, confined)).rejects.toMatchObject({ code: 'not-found' })
    await expect(call('createProject', { body }, confined)).rejects.toMatchObject({ code: 'forbidden' })
    const wanted = { notebook: notebook.id, spec }
    await expect(call('createTrigger', { body: wanted }, confined)).rejects.toMatchObject({
      code: 'not-found',
    })
    const own = await all.projects.create(workspace, { name: 'Own' })
    const cells = [{ id: 'c1', source: '1' }]
    const mine = await all.notebooks.create(workspace, { name: 'mine', project: own.id, cells })
    const of = (change: object) =>
      call('createTrigger', { body: { notebook: mine.id, spec, ...change } }, [own.id])
    const refused = async (change: object, code: string): Promise<void> =>
      expect(of(change)).rejects.toMatchObject({ code })
    await refused({ spec: { type: 'run' } }, 'forbidden')
    await refused({ spec: { type: 'run', notebook: notebook.id } }, 'not-found')
    await refused({ onFailure: { notebook: notebook.id, version: null } }, 'not-found')
    await of({ spec: { type: 'run', notebook: mine.id }, onFailure: { notebook: mine.id, version: null } })
  })
})
