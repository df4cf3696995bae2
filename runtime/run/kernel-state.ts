/**
 * The states of a kernel and of what waits for it, pure. One execution at a time, in the order they came. A death is
 * never silent: what ran and what waited ends with it, and the reason stays until the kernel starts again.
 */
export interface KernelState {
  state: 'starting' | 'idle' | 'busy' | 'dead'
  reason: string | null
  /** The execution that runs. */
  current: string | null
  queue: string[]
}
export type KernelOperation =
  | { type: 'open' }
  | { type: 'opened' }
  | { type: 'execute'; execution: string }
  | { type: 'ended'; execution: string; alive: boolean; reason: string }
  | { type: 'died'; reason: string }
  | { type: 'interrupt' }
  | { type: 'restart' }
  | { type: 'close'; reason: string }
export type KernelEffect =
  | { do: 'open' }
  | { do: 'close' }
  | { do: 'run'; execution: string }
  | { do: 'interrupt' }
  /** It ends without having run to its end. */
  | { do: 'fail'; execution: string; reason: string }
  | { do: 'publish' }

export const newKernel: KernelState = { state: 'dead', reason: null, current: null, queue: [] }
const publish: KernelEffect = { do: 'publish' }

export function apply(
  kernel: KernelState,
  operation: KernelOperation,
): { kernel: KernelState; effects: KernelEffect[] } {
  switch (operation.type) {
    case 'open':
      if (kernel.state !== 'dead') return { kernel, effects: [] }
      return { kernel: { ...kernel, state: 'starting', reason: null }, effects: [{ do: 'open' }, publish] }
    case 'opened':
      return kernel.state === 'starting' ? next(kernel) : { kernel, effects: [] }
    case 'execute': {
      const waiting = { ...kernel, queue: [...kernel.queue, operation.execution] }
      if (kernel.state === 'idle') return next(waiting)
      if (kernel.state === 'dead') return apply(waiting, { type: 'open' })
      return { kernel: waiting, effects: [] }
    }
    case 'ended':
      if (kernel.current !== operation.execution) return { kernel, effects: [] }
      if (!operation.alive) return die({ ...kernel, current: null }, operation.reason)
      return next({ ...kernel, current: null })
    case 'died':
      return kernel.state === 'dead' ? { kernel, effects: [] } : die(kernel, operation.reason)
    case 'interrupt': {
      const effects = fail(kernel.queue, 'Not run: the kernel was interrupted.')
      if (kernel.state === 'busy') effects.unshift({ do: 'interrupt' })
      return { kernel: { ...kernel, queue: [] }, effects }
    }
    case 'restart': {
      const effects = failAll(kernel, 'Not finished: the kernel was restarted.')
      const started: KernelState = { state: 'starting', reason: null, current: null, queue: [] }
      return { kernel: started, effects: [...effects, { do: 'close' }, { do: 'open' }, publish] }
    }
    case 'close': {
      const effects = failAll(kernel, operation.reason)
      const closed: KernelState = { state: 'dead', reason: operation.reason, current: null, queue: [] }
      return { kernel: closed, effects: [...effects, { do: 'close' }, publish] }
    }
  }
}

function next(kernel: KernelState): { kernel: KernelState; effects: KernelEffect[] } {
  const [execution, ...queue] = kernel.queue
  if (execution === undefined)
    return { kernel: { ...kernel, state: 'idle', current: null }, effects: [publish] }
  return {
    kernel: { ...kernel, state: 'busy', current: execution, queue },
    effects: [publish, { do: 'run', execution }],
  }
}
function die(kernel: KernelState, reason: string): { kernel: KernelState; effects: KernelEffect[] } {
  const effects = failAll(kernel, reason)
  return {
    kernel: { state: 'dead', reason, current: null, queue: [] },
    effects: [...effects, { do: 'close' }, publish],
  }
}
function failAll(kernel: KernelState, reason: string): KernelEffect[] {
  return fail([...(kernel.current === null ? [] : [kernel.current]), ...kernel.queue], reason)
}
function fail(executions: string[], reason: string): KernelEffect[] {
  return executions.map((execution) => ({ do: 'fail', execution, reason }))
}
