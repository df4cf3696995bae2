/**
 * `npm test`: installs and builds when needed, finds or installs what the tests need, runs every test and closes with
 * a line `N passed, N failed` (`, N skipped`). Arguments go to vitest: `npm test -- test/store`.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildGuest, buildPages } from './build.mjs'
import { environment, install, main, node, root } from './install.mjs'
import { provideServices } from './services.mjs'

main(() => {
  install()
  buildGuest()
  buildPages()
  const notices = provideServices()
  if (!environment.MONGODB_URI && !environment.MONGO_SERVER)
    notices.push(
      'Neither MONGODB_URI nor MONGO_SERVER is set: MongoDB tests need a mongod on the PATH, else they are skipped.',
    )
  for (const notice of notices) console.warn(`NOTICE: ${notice}`)
  const folder = mkdtempSync(join(tmpdir(), 'suricate-test-'))
  const report = join(folder, 'report.json')
  const args = [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ]
  const done = spawnSync(node, ['node_modules/vitest/vitest.mjs', ...args], {
    cwd: root,
    env: environment,
    stdio: 'inherit',
  })
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'))
    const skipped = result.numPendingTests + (result.numTodoTests ?? 0)
    const broken = result.testResults.filter(
      (file) => file.status === 'failed' && file.assertionResults.length === 0,
    ).length
    const failed = result.numFailedTests + broken
    for (const notice of notices) console.warn(`NOTICE: ${notice}`)
    console.log(
      `\n${result.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
    )
    return failed > 0 || done.status !== 0 ? 1 : 0
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
