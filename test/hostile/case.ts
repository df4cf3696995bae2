/** One hostile notebook: its cells run in a kernel of its own, then what it may not have broken is looked at. */
import { AppError } from '../../runtime/error.ts'
import type { Execution, HostTable, Sandbox, Sandboxes } from '../../runtime/sandbox/port.ts'
import type { Invariants } from './invariants.ts'

export interface Case {
  name: string
  /** Sources, run one after the other; a kernel that died is replaced for the next. */
  cells: string[]
  /** What the last cell may end as. */
  expect: string[]
  /** text/plain of its value. */
  value?: string
  /** Must then evaluate, in the same kernel or in the one that replaced it. */
  after?: string
}

/** An entry is timed by the clock, so that a busy machine takes from it: more where time is not what the case is about. */
const toLimits = ({ expect }: Case): { wallMs: number; cpuMs: number } =>
  expect.includes('timeout') ? { wallMs: 2_000, cpuMs: 1_000 } : { wallMs: 8_000, cpuMs: 4_000 }
const statuses = ['ok', 'error', 'timeout', 'memory', 'killed']

/** Enough of a host for what the cases try on it. */
export const host: HostTable = {
  'objects.list': () => Promise.resolve({ value: [{ id: 'object-1', name: 'history.csv' }] }),
  'objects.get': ([name]) =>
    Promise.reject(new AppError('not-found', `There is no object ${JSON.stringify(name)}.`)),
  'objects.bytes': () => Promise.resolve({ value: null, binary: [new Uint8Array([1, 2, 3])] }),
  'objects.create': (args) => Promise.resolve({ value: args }),
  'streams.list': () => Promise.resolve({ value: 'x'.repeat(5 << 20) }),
  'streams.recent': () => Promise.resolve({ value: null, binary: [Buffer.from('[]')] }),
  fetch: () => Promise.reject(new AppError('refused', 'That address is not allowed.')),
}

/** invalid: says which case is no case. */
export function toCases(given: unknown): Case[] {
  if (!Array.isArray(given)) throw new AppError('invalid', 'The file must hold a list of cases.')
  return given.map((entry: unknown, index) => {
    const { name, cells, expect, value, after } = (entry ?? {}) as Partial<Case>
    const texts = (list: unknown): list is string[] =>
      Array.isArray(list) && list.length > 0 && list.every((text) => typeof text === 'string')
    if (typeof name !== 'string' || !texts(cells) || !texts(expect))
      throw new AppError('invalid', `Case ${index + 1} needs a name, cells and expect.`)
    const unknown = expect.find((status) => !statuses.includes(status))
    if (unknown !== undefined)
      throw new AppError('invalid', `Case ${name} expects ${unknown}; there are ${statuses.join(', ')}.`)
    return {
      name,
      cells,
      expect,
      ...(typeof value === 'string' ? { value } : {}),
      ...(typeof after === 'string' ? { after } : {}),
    }
  })
}

/** The faults; none when it passed. */
export async function runCase(sandboxes: Sandboxes, invariants: Invariants, given: Case): Promise<string[]> {
  const workspace = `hostile-${given.name}`
  const open = (): Promise<Sandbox> => sandboxes.open({ workspace, host, onOutput: () => undefined })
  let kernel = await open()
  const run = async (source: string, label: string): Promise<Execution> => {
    if (kernel.state === 'dead') kernel = await open()
    return kernel.execute({ id: `cell-${label}`, label, source }, toLimits(given))
  }
  const faults: string[] = []
  let last: Execution | undefined
  for (const [index, source] of given.cells.entries()) last = await run(source, String(index + 1))
  if (last && !given.expect.includes(last.status))
    faults.push(
      `ended as ${last.status} (${last.error?.message ?? last.value}), not ${given.expect.join(' or ')}`,
    )
  if (given.value !== undefined && last?.value !== given.value)
    faults.push(`its value is ${JSON.stringify(last?.value)}, not ${JSON.stringify(given.value)}`)
  if (last && last.receipt.wallMs > 8_000) faults.push(`took ${last.receipt.wallMs} ms`)
  faults.push(...(await invariants.check(kernel)))
  if (given.after !== undefined) {
    const { status, error } = await run(given.after, 'after')
    if (status !== 'ok') faults.push(`afterwards a cell ended as ${status}: ${error?.message}`)
  }
  await kernel.close()
  return faults
}
