/** Small random programs tell in cells what they tell in one script of Node. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openKernel } from './kernel.ts'
import { toRandomProgram, type RandomProgram } from './programs.ts'
import { prelude } from './told.ts'

const count = 10_000
const batch = 1_000
const choices = fc.uint8Array({ minLength: 60, maxLength: 400, size: 'max' })

async function runScripts(scripts: string[]): Promise<string[][]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'scripts.ts')], { timeout: 120_000 })
  child.stdin.end(JSON.stringify(scripts))
  const [told, fault] = await Promise.all([text(child.stdout), text(child.stderr)])
  if (told === '') throw new Error(fault.slice(-2_000))
  return JSON.parse(told) as string[][]
}

async function runAsCells({ cells }: RandomProgram): Promise<string[]> {
  const kernel = openKernel(prelude)
  const scope = kernel.context as unknown as { out: string[]; show(value: unknown): string }
  scope.out = []
  let value: unknown
  for (const cell of cells) {
    const outcome = await kernel.run(cell)
    if (outcome.error !== undefined)
      return [...scope.out, `! ${outcome.error.replace(/ \(cell \d+:\d+:\d+\)$/, '')}`]
    value = outcome.value
  }
  return [...scope.out, `= ${scope.show(value)}`]
}

/** The choices of the first program that differs. */
async function findDifferent(lists: Uint8Array[]): Promise<Uint8Array | undefined> {
  const programs = lists.map(toRandomProgram)
  const scripts = runScripts(programs.map(({ script }) => script))
  const told: string[][] = []
  for (const program of programs) told.push(await runAsCells(program))
  const expected = await scripts
  return lists.find((_, index) => JSON.stringify(told[index]) !== JSON.stringify(expected[index]))
}

/** Fails with the smallest program of its kind that it finds in half a minute. */
async function checkAlone(list: Uint8Array): Promise<void> {
  const property = fc.asyncProperty(choices, async (given) => {
    const program = toRandomProgram(given)
    const told = await runAsCells(program)
    expect({ program, told }).toEqual({ program, told: (await runScripts([program.script]))[0] })
  })
  await fc.assert(property, { examples: [[list]], numRuns: 1, interruptAfterTimeLimit: 30_000 })
}

test('10,000 random programs tell in cells what they tell in one script', { timeout: 300_000 }, async () => {
  const lists = fc.sample(choices, count)
  for (let from = 0; from < count; from += batch) {
    const different = await findDifferent(lists.slice(from, from + batch))
    if (different) await checkAlone(different)
    expect(different).toBeUndefined()
  }
})
