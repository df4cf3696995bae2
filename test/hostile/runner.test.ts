/** The runner as a person calls it: a file of their own cases, good, wrong and none at all. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'suricate-hostile-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function run(content?: string): Promise<{ code: number | null; lines: string[] }> {
  const file = join(folder, 'cases.json')
  if (content !== undefined) writeFileSync(file, content)
  const given = content === undefined ? [] : [file]
  const child = spawn(process.execPath, [join(import.meta.dirname, 'runner.ts'), ...given], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  })
  const ended = new Promise<number | null>((done) => child.once('exit', done))
  const [out, fault] = await Promise.all([text(child.stdout), text(child.stderr)])
  const lines = `${out}${fault}`.trim().replaceAll(folder, '').split('\n')
  return { code: await ended, lines: lines.filter((line) => !line.startsWith('build')) }
}

describe('npm run hostile', () => {
  test('runs the cases of a file and says what failed', async () => {
    const cases = [
      { name: 'a sum', cells: ['let a = 1', 'a + 1'], expect: ['ok'], value: '2' },
      { name: 'a loop', cells: ['for (;;);'], expect: ['timeout'], after: '1' },
      { name: 'a wrong hope', cells: ['1'], expect: ['error'] },
    ]
    const { code, lines } = await run(JSON.stringify(cases))
    expect([code, lines.slice(-4)]).toEqual([
      1,
      [
        'ok      a sum',
        'ok      a loop',
        'FAILED  a wrong hope: ended as ok (1), not error',
        '2 passed, 1 failed',
      ],
    ])
  }, 90_000)
  test('runs the example of the documentation', async () => {
    const [, example] = /```json\n([^]+?)```/.exec(readFileSync('docs/sandbox.md', 'utf8')) ?? []
    const { code, lines } = await run(example)
    expect([code, lines.at(-1)]).toEqual([0, '2 passed, 0 failed'])
  }, 90_000)
  test.each([
    [undefined, 'Usage: npm run hostile -- FILE.json'],
    ['[', '/cases.json: Unexpected end of JSON input'],
    ['{}', '/cases.json: The file must hold a list of cases.'],
    ['[{"name": "x"}]', '/cases.json: Case 1 needs a name, cells and expect.'],
    [
      '[{"name": "x", "cells": ["1"], "expect": ["fine"]}]',
      '/cases.json: Case x expects fine; there are ok, error, timeout, memory, killed.',
    ],
  ])('refuses %s', async (content, line) => {
    expect(await run(content)).toEqual({ code: 2, lines: [line] })
  })
})
