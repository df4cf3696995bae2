/**
 * Runs hostile notebooks from a file against the real sandboxes: `npm run hostile -- FILE.json`, a list of cases as
 * case.ts has them. Prints a line per case and the sum; exits with 1 when one failed, with 2 when the file is no list of
 * cases.
 */
import { readFile } from 'node:fs/promises'
import pino from 'pino'
import { buildGuest } from '../../runtime/guest/build/build.ts'
import { toMessage } from '../../runtime/error.ts'
import { openSandboxes } from '../../runtime/sandbox/open.ts'
import { type Case, runCase, toCases } from './case.ts'
import { openInvariants } from './invariants.ts'

function refuse(message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(2)
}
async function read(file: string | undefined): Promise<Case[]> {
  if (file === undefined) return refuse('Usage: npm run hostile -- FILE.json')
  try {
    return toCases(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    return refuse(`${file}: ${toMessage(error)}`)
  }
}

const cases = await read(process.argv[2])
const build = await buildGuest()
const sandboxes = await openSandboxes({
  log: pino({ level: 'error' }, pino.destination(2)),
  pool: 2,
  singleUser: true,
  buildDir: build.out,
})
const invariants = await openInvariants(sandboxes)
let passed = 0
for (const given of cases) {
  const faults = await runCase(sandboxes, invariants, given).catch((error: unknown) => [String(error)])
  if (faults.length === 0) passed += 1
  process.stdout.write(
    faults.length === 0 ? `ok      ${given.name}\n` : `FAILED  ${given.name}: ${faults.join('; ')}\n`,
  )
}
await invariants.close()
await sandboxes.close()
process.stdout.write(`${passed} passed, ${cases.length - passed} failed\n`)
process.exit(passed === cases.length ? 0 : 1)
