#!/usr/bin/env node
/** The command line under the project's own Node; what it is called with is handed on as it is. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { environment, install, node, root } from './install.mjs'

try {
  install()
  const child = spawn(node, [join(root, 'cli', 'suricate.ts'), ...process.argv.slice(2)], {
    env: environment,
    stdio: 'inherit',
  })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code) => {
    process.exitCode = code ?? 1
  })
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
