/** Every hostile notebook against the real sandboxes; what the runner does for a file, for the cases kept here. */
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildGuest } from '../../runtime/guest/build/build.ts'
import { openSandboxes } from '../../runtime/sandbox/open.ts'
import type { Sandboxes } from '../../runtime/sandbox/port.ts'
import { runCase } from './case.ts'
import { escapeCases } from './cases-escape.ts'
import { resourceCases } from './cases-resource.ts'
import { openInvariants, type Invariants } from './invariants.ts'

let sandboxes: Sandboxes
let invariants: Invariants

beforeAll(async () => {
  const { out } = await buildGuest()
  const log = pino({ level: 'silent' })
  sandboxes = await openSandboxes({ log, pool: 2, singleUser: true, buildDir: out })
  invariants = await openInvariants(sandboxes)
})
afterAll(async () => {
  await invariants?.close()
  await sandboxes?.close()
})

describe('escape', () => {
  test.each(escapeCases)('$name', async (given) => {
    expect(await runCase(sandboxes, invariants, given)).toEqual([])
  })
})
describe('resource', () => {
  test.each(resourceCases)('$name', async (given) => {
    expect(await runCase(sandboxes, invariants, given)).toEqual([])
  })
})
