import { describe, expect, test } from 'vitest'
import { chromiumPath } from './browser.ts'
import { useNotebooks } from './notebook-visit.ts'

const titled = chromiumPath
  ? 'the notebook page at 390 pixels'
  : 'the notebook page at 390 pixels (skipped: there is no Chromium; install it or set CHROMIUM)'
describe.skipIf(!chromiumPath)(titled, { timeout: 120_000 }, () => {
  const notebooks = useNotebooks()
  const poll = (get: () => Promise<unknown>) => expect.poll(get, { timeout: 20_000 })

  test('a cell is a plain field: it is written in, indented and run, without Monaco', async () => {
    const { page, cell, stored, errors } = await notebooks.open(
      ['6 * 7', { type: 'markdown', source: '# Title' }],
      {
        width: 390,
      },
    )
    const field = cell(1).getByRole('textbox', { name: 'Source of cell 1' })
    await field.press('End')
    await field.press('Tab')
    await field.pressSequentially('+ 0')
    await poll(stored).toEqual(['6 * 7  + 0', '# Title'])
    await cell(1).getByRole('button', { name: 'Indent' }).click()
    await poll(stored).toEqual(['6 * 7  + 0  ', '# Title'])
    await cell(1).getByRole('button', { name: 'Run cell 1' }).click()
    await cell(1).getByText('42', { exact: true }).waitFor()
    await field.press('Control+Enter')
    await field.press('Escape')
    await page.keyboard.press('b')
    await cell(2).getByRole('textbox').waitFor()
    expect(await page.locator('.monaco-editor').count()).toBe(0)
    expect(errors).toEqual([])
  })

  test('nothing is wider than the screen, also with a panel, which is a page of its own', async () => {
    const { page, errors } = await notebooks.open(['const a = 1', `const b = a + ${'1 + '.repeat(80)}1`], {
      width: 390,
    })
    const wide = () => page.evaluate(() => document.documentElement.scrollWidth)
    expect(await wide()).toBeLessThanOrEqual(390)
    await page.getByRole('button', { name: 'Graph', exact: true }).click()
    const panel = page.getByRole('complementary', { name: 'Graph' })
    const box = (await panel.boundingBox())!
    expect([box.x, Math.round(box.width)]).toEqual([0, 390])
    expect(await wide()).toBeLessThanOrEqual(390)
    await panel.getByRole('button', { name: 'Close Graph' }).click()
    await poll(() => panel.count()).toBe(0)
    expect(errors).toEqual([])
  })
})
