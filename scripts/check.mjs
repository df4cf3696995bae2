/** `npm run check`: types, lint without warnings, format, and the rules of the architecture. */
import { install, main, node, run } from './install.mjs'

main(() => {
  install()
  /** @type {[string, string[]][]} */
  const steps = [
    ['types', ['node_modules/typescript/bin/tsc', '--noEmit', '-p', '.']],
    ['lint', ['node_modules/oxlint/bin/oxlint', '--deny-warnings']],
    ['format', ['node_modules/oxfmt/bin/oxfmt', '--check', '.']],
    [
      'architecture',
      ['node_modules/vitest/vitest.mjs', 'run', 'test/architecture.test.ts', 'test/lockfile.test.ts'],
    ],
  ]
  for (const [name, args] of steps) {
    console.log(`check: ${name}`)
    run(node, args)
  }
})
