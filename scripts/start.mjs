/** `npm start`: installs and builds when needed, then runs everything on loopback and prints the address. */
import { spawn } from 'node:child_process'
import { buildGuest, buildPages } from './build.mjs'
import { environment, install, main, node, root } from './install.mjs'

main(() => {
  install()
  buildGuest()
  buildPages()
  const server = spawn(node, ['workers/web.ts', ...process.argv.slice(2)], {
    cwd: root,
    env: environment,
    stdio: 'inherit',
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => server.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal))
  server.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal ? 1 : 0)
  })
})
