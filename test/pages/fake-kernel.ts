/** A kernel for the pages' tests: it runs nothing, and answers a source by what it looks like. */
import type { OperationId } from '../../runtime/api/operations.ts'
import type { Execution, ExecutionSummary, Kernel, Output } from '../../runtime/api/runs.ts'
import type { Notebook } from '../../runtime/api/notebooks.ts'
import { Fault, type Answers } from './fake-answer.ts'

interface Event {
  id: string
  event: string
  data: unknown
}
export function createKernels(notebooks: Notebook[]) {
  const kernels = new Map<string, Kernel>()
  const outputs = new Map<string, Output[]>()
  const ran = new Map<string, Map<string, ExecutionSummary>>()
  const listeners = new Map<string, Set<(event: Event) => void>>()
  const of = (id: string | undefined): Kernel => {
    const found = [...kernels.values()].find((kernel) => kernel.id === id)
    if (!found) throw new Fault(404, 'not-found', `There is no kernel ${id}.`)
    return found
  }
  const tell = (kernel: Kernel, event: string, data: unknown) => {
    for (const listener of listeners.get(kernel.id) ?? [])
      listener({ id: String(kernel.lastSeq), event, data })
  }
  const put = (kernel: Kernel, cell: string | null, kind: Output['kind'], data: Output['data']) => {
    kernel.lastSeq += 1
    const output: Output = { seq: kernel.lastSeq, cell, kind, data, at: Date.now() }
    outputs.get(kernel.notebook)!.push(output)
    tell(kernel, 'output', output)
    return output
  }
  const answers: Answers = {
    getNotebookOutputs: ({ params }) => {
      const items = outputs.get(params.id!) ?? []
      return { items, lastSeq: items.at(-1)?.seq ?? 0 }
    },
    findExecutions: ({ params }) => ({ items: [...(ran.get(params.id!)?.values() ?? [])], nextCursor: null }),
    findVariables: ({ params }) => {
      const kernel = of(params.id)
      const made = outputs.get(kernel.notebook)?.length ?? 0
      const rows = { name: 'rows', type: 'Table', shape: '22695 × 2', bytes: 363_120, preview: 'Table {…}' }
      const limit = { name: 'limit', type: 'number', shape: null, bytes: 8, preview: '42', cell: null }
      const items = made === 0 ? [] : [limit, { ...rows, cell: 'c2' }]
      return { items, nextCursor: null, at: Date.now(), live: kernel.state === 'idle' }
    },
    findPresence: () => ({ people: [] }),
    putPresence: ({ body }) => ({
      people: [{ id: String(body.tab), name: 'owner', cell: null, kind: 'person' }],
    }),
    findKernels: () => ({ items: [...kernels.values()], nextCursor: null }),
    getKernel: ({ params }) => of(params.id),
    openKernel: ({ params }) => {
      if (!notebooks.some((notebook) => notebook.id === params.id))
        throw new Fault(404, 'not-found', 'No such notebook.')
      let kernel = kernels.get(params.id!)
      if (!kernel) {
        kernel = {
          id: `kernel-${params.id}`,
          notebook: params.id!,
          state: 'idle',
          reason: null,
          execution: null,
          cell: null,
          memoryBytes: 84_000_000,
          startedAt: Date.now(),
          lastSeq: 0,
          lost: null,
        }
        kernels.set(params.id!, kernel)
        if (!outputs.has(params.id!)) outputs.set(params.id!, [])
      }
      return kernel
    },
    execute: ({ params, body }) => {
      const kernel = of(params.id)
      const source = String(body.source)
      const cell = typeof body.cell === 'string' ? body.cell : null
      const execution = crypto.randomUUID()
      outputs.set(
        kernel.notebook,
        outputs.get(kernel.notebook)!.filter((one) => one.cell !== cell),
      )
      Object.assign(kernel, { state: 'busy', execution, cell })
      const at = Date.now()
      const running: Execution = {
        execution,
        state: 'running',
        outputs: [],
        value: null,
        error: null,
        receipt: null,
      }
      tell(kernel, 'kernel', kernel)
      tell(kernel, 'execution', { ...running, cell })
      const end = (state: Execution['state'], error: Execution['error'] = null) => {
        Object.assign(kernel, { state: 'idle', execution: null, cell: null })
        const receipt = { cpuMs: 4, wallMs: 20, peakBytes: 1, messages: 0, bytes: 0, cost: 0 }
        const { outputs: _none, ...rest } = running
        const summary: ExecutionSummary = { ...rest, cell, state, error, receipt, source, at }
        if (cell !== null) {
          if (!ran.has(kernel.id)) ran.set(kernel.id, new Map())
          ran.get(kernel.id)!.set(cell, summary)
        }
        tell(kernel, 'execution', summary)
        tell(kernel, 'kernel', kernel)
      }
      if (source.includes('while (true)')) return running
      // As with ?wait: the answer comes when the cell has ended.
      const ended = Promise.withResolvers<Execution>()
      setTimeout(() => {
        const from = kernel.lastSeq
        const done = (state: Execution['state'], error: Execution['error'] = null) => {
          end(state, error)
          const made = outputs.get(kernel.notebook)!.filter((one) => one.seq > from && one.cell === cell)
          ended.resolve({ ...running, state, error, outputs: made })
        }
        if (source.includes('throw')) {
          const error = {
            name: 'Error',
            message: 'the machine is <b>too hot</b>',
            cell: cell ?? 'c',
            line: 1,
            column: 1,
            stack: 'Error\n    at cell c, line 1',
          }
          put(kernel, cell, 'error', {
            'application/vnd.suricate.error+json': error,
            'text/plain': `Error: ${error.message}`,
          })
          return done('error', error)
        }
        put(kernel, cell, source.includes('log') ? 'stdout' : 'result', toBundle(source))
        done('ok')
      }, 20)
      return ended.promise
    },
    interruptKernel: ({ params }) => {
      const kernel = of(params.id)
      const { cell, execution } = kernel
      Object.assign(kernel, { state: 'idle', execution: null, cell: null })
      tell(kernel, 'execution', {
        execution,
        cell,
        state: 'error',
        outputs: [],
        value: null,
        error: { name: 'Interrupted', message: 'The cell was interrupted.' },
        receipt: null,
      })
      tell(kernel, 'kernel', kernel)
      return kernel
    },
    restartKernel: ({ params }) => {
      ran.delete(of(params.id).id)
      return of(params.id)
    },
    closeKernel: ({ params }) => void kernels.delete(of(params.id).notebook),
  }
  function events(id: OperationId, request: Request): Response {
    const kernel = id === 'getKernelEvents' ? /kernels\/([^/]+)/.exec(request.url)?.[1] : undefined
    const encoder = new TextEncoder()
    let stop = () => {}
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(encoder.encode(': connected\n\n'))
        if (!kernel) return
        // as the server does: first what there is
        const now = [...kernels.values()].find(({ id: one }) => one === kernel)
        if (now) controller.enqueue(encoder.encode(`event: kernel\ndata: ${JSON.stringify(now)}\n\n`))
        const listener = (event: Event) =>
          controller.enqueue(
            encoder.encode(`id: ${event.id}\nevent: ${event.event}\ndata: ${JSON.stringify(event.data)}\n\n`),
          )
        if (!listeners.has(kernel)) listeners.set(kernel, new Set())
        listeners.get(kernel)!.add(listener)
        stop = () => listeners.get(kernel)?.delete(listener)
      },
      cancel: () => stop(),
    })
    request.signal.addEventListener('abort', () => stop())
    return new Response(body, {
      headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
    })
  }
  return { answers, events }
}

function toBundle(source: string): Output['data'] {
  if (source.includes('plot')) {
    const x = Array.from({ length: 200 }, (_, i) => i)
    return {
      'application/vnd.plotly.v1+json': {
        data: [
          { type: 'scatter', mode: 'lines', name: 'value', x, y: x.map((i) => 90 + 8 * Math.sin(i / 12)) },
        ],
        layout: { title: { text: 'Temperature' } },
      },
      'text/plain': '[figure]',
    }
  }
  if (source.includes('html'))
    return {
      'text/html':
        '<b id="bold">bold</b><script>parent.hacked = 1</script><img src=x onerror="parent.hacked = 1">',
    }
  if (source.includes('select') || source.includes('history'))
    return {
      'application/vnd.suricate.table+json': {
        names: ['timestamp', 'value'],
        types: { timestamp: 'time', value: 'number' },
        length: 22_695,
        rows: Array.from({ length: 100 }, (_, i) => ({
          timestamp: Date.UTC(2013, 11, 2) + i * 300_000,
          value: 73.9 + Math.sin(i) * 4,
        })),
      },
      'text/plain': 'table 22,695 x 2',
    }
  return { 'text/plain': source.includes('6 * 7') ? '42' : source.slice(0, 40) }
}
