/** isolated-vm by the path of its prebuilt addon: the package's own resolver would read files outside the folder. */
import type IsolatedVm from 'isolated-vm'

export type Ivm = typeof IsolatedVm
export type Isolate = IsolatedVm.Isolate
export type Context = IsolatedVm.Context
export type Reference = IsolatedVm.Reference<(...given: unknown[]) => unknown>

export function loadAddon(path: string): Ivm {
  const holder = { exports: {} as { ivm?: Ivm } }
  process.dlopen(holder, path)
  if (!holder.exports.ivm) throw new Error(`${path} is not isolated-vm`)
  return holder.exports.ivm
}
