/** The golden cells where notebooks run them: in a kernel of its own for each case, in the real sandbox. */
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildGuest } from '../../runtime/guest/build/build.ts'
import { openSandboxes } from '../../runtime/sandbox/open.ts'
import type { Execution, Sandboxes } from '../../runtime/sandbox/port.ts'
import { errors } from './cases-errors.ts'
import { language } from './cases-language.ts'
import { throws } from './cases-throws.ts'
import { values } from './cases-values.ts'
import type { Case, Outcome } from './kernel.ts'

let sandboxes: Sandboxes
beforeAll(async () => {
  const { out } = await buildGuest()
  sandboxes = await openSandboxes({
    log: pino({ level: 'silent' }),
    pool: 1,
    singleUser: true,
    buildDir: out,
  })
})
afterAll(() => sandboxes?.close())

async function run(cells: string[]): Promise<Execution> {
  const kernel = await sandboxes.open({ workspace: 'golden', host: {}, onOutput: () => undefined })
  let last: Execution | undefined
  for (const [index, source] of cells.entries())
    last = await kernel.execute({ id: `c${index + 1}`, label: String(index + 1), source })
  await kernel.close()
  return last!
}
function toOutcome({ error, value, json }: Execution): Outcome {
  if (error) {
    const at = error.cell ? ` (cell ${error.cell.slice(1)}:${error.line}:${error.column})` : ''
    return { error: `${error.name}: ${error.message}${at}` }
  }
  if (value === undefined) return {}
  return { value: json }
}
/** The modules of the tests are not those of the platform; the realm of the sandbox has other names. */
const isHere = ([title, cells]: Case): boolean =>
  !cells.some((cell) => /["'](test:|nowhere)/.test(cell)) && !/globalThis/.test(title)

describe('the value of a cell', () => {
  test.each([...values, ...language].filter(isHere))('%s', async (_title, cells, outcome) => {
    expect(toOutcome(await run(cells))).toEqual(outcome)
  })
})
describe('the place of an error', () => {
  test.each(errors.filter(isHere))('%s', async (_title, cells, outcome) => {
    expect(toOutcome(await run(cells))).toEqual(outcome)
  })
})
describe('what was thrown, and the way there', () => {
  test.each(throws)('%s', async (_title, cells, expected) => {
    expect((await run(cells)).error).toEqual(expected)
  })
})
