/** Everything that the child needs from its folder, read before it gives up reading. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ownModules, toModuleFile } from '../../guest/module-names.ts'
import { loadAddon, type Ivm } from './addon.ts'

export interface Files {
  ivm: Ivm
  bootstrap: string
  compiler: string
  toolkit: string | undefined
  snapshot: ArrayBuffer | undefined
  /** Of our own bundle, by what is imported. */
  modules: ReadonlyMap<string, Buffer>
}

export function readFiles(folder: string): Files {
  const text = (name: string): string => readFileSync(join(folder, name), 'utf8')
  const toolkit = existsSync(join(folder, 'toolkit.js')) ? text('toolkit.js') : undefined
  let snapshot: ArrayBuffer | undefined
  if (existsSync(join(folder, 'toolkit.snapshot'))) {
    const bytes = readFileSync(join(folder, 'toolkit.snapshot'))
    snapshot = new Uint8Array(bytes).buffer
  }
  const modules = new Map<string, Buffer>()
  for (const name of ownModules) {
    const path = join(folder, toModuleFile(name))
    if (existsSync(path)) modules.set(name, readFileSync(path))
  }
  return {
    ivm: loadAddon(join(folder, 'isolated-vm.node')),
    bootstrap: text('bootstrap.js'),
    compiler: text('compiler.js'),
    toolkit,
    snapshot,
    modules,
  }
}
