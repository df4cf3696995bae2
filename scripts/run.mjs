/** `node scripts/run.mjs FILE.ts ARGS`: a TypeScript file under the project's own Node, with the guest bundle built. */
import { spawnSync } from 'node:child_process'
import { buildGuest } from './build.mjs'
import { environment, install, main, node, root } from './install.mjs'

main(() => {
  install()
  buildGuest()
  const [file, ...args] = process.argv.slice(2)
  if (!file) throw new Error('Usage: node scripts/run.mjs FILE.ts [ARGS]')
  const done = spawnSync(node, [`${root}/${file}`, ...args], { env: environment, stdio: 'inherit' })
  return done.status ?? 1
})
