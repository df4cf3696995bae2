import { describe, expect, test } from 'vitest'
import { errors } from './cases-errors.ts'
import { language } from './cases-language.ts'
import { values } from './cases-values.ts'
import { openKernel, runCells } from './kernel.ts'

describe('the value of a cell', () => {
  test.each(['() => 1', '(function () {})', '(class {})', 'export default () => 1'])(
    'keeps its own name, which is none: %s',
    async (source) => {
      const { value } = await openKernel().run(source)
      expect((value as { name: string }).name).toBe('')
    },
  )
  test.each([...values, ...language])('%s', async (_title, cells, outcome) => {
    expect(await runCells(cells)).toEqual(outcome)
  })
})

describe('the place of an error', () => {
  test.each(errors)('%s', async (_title, cells, outcome) => {
    expect(await runCells(cells)).toEqual(outcome)
  })
})
