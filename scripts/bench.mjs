/** `npm run bench`: every benchmark beside its peer in one run; `npm run bench -- kernel` runs one. */
import { readdirSync } from 'node:fs'
import { buildGuest, buildPages } from './build.mjs'
import { install, main, node, root, run } from './install.mjs'

main(() => {
  install()
  buildGuest()
  buildPages()
  const wanted = process.argv[2] ?? ''
  const files = readdirSync(`${root}/bench`).filter(
    (name) => name.endsWith('.bench.ts') && name.includes(wanted),
  )
  for (const name of files.sort()) {
    console.log(`\n== ${name.replace('.bench.ts', '')}`)
    run(node, [`bench/${name}`])
  }
})
