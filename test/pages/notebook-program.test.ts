import { describe, expect, test } from 'vitest'
import { chromiumPath } from './browser.ts'
import { choose, useNotebooks, write } from './notebook-visit.ts'

const titled = chromiumPath
  ? 'the notebook as one program'
  : 'the notebook as one program (skipped: there is no Chromium; install it or set CHROMIUM)'
describe.skipIf(!chromiumPath)(titled, { timeout: 120_000 }, () => {
  const notebooks = useNotebooks()
  const chain = ['const first = 1', 'const second = first + 1', '// apart\n6 * 7', 'second * 2']
  const states = async (cell: (n: number) => { getAttribute(name: string): Promise<string | null> }) =>
    Promise.all([1, 2, 3, 4].map((n) => cell(n).getAttribute('data-state')))
  const poll = (get: () => Promise<unknown>) => expect.poll(get, { timeout: 20_000 })

  test('an edit makes dependents stale, also after a reload; run stale runs them alone', async () => {
    const { page, cell, errors } = await notebooks.open(chain)
    await page.getByRole('button', { name: 'Run all' }).click()
    await poll(() => states(cell)).toEqual(['ok', 'ok', 'ok', 'ok'])
    await write(page, cell(1), '0')
    await cell(1).getByText('stale: edited').waitFor()
    await cell(2).getByText('stale: uses first').waitFor()
    await cell(4).getByText('stale: uses second').waitFor()
    expect(await cell(3).getByText('stale').count()).toBe(0)
    await page.getByText(/^saved/).waitFor()
    await page.reload()
    await cell(4).getByText('stale: uses second').waitFor()
    await page.getByRole('button', { name: 'Run stale 3' }).click()
    await poll(() => page.getByText(/^stale: /).count()).toBe(0)
    expect(errors).toEqual([])
  })

  test('by key: run with what depends on it; by the menu: above and below', async () => {
    const { page, cell, errors } = await notebooks.open(chain)
    await choose(cell(1))
    await page.keyboard.press('r')
    await poll(() => states(cell)).toEqual(['ok', 'ok', 'idle', 'ok'])
    await cell(3).hover()
    await cell(3).getByRole('button', { name: 'More for cell 3' }).click()
    await page.getByRole('menuitem', { name: 'Run this and the cells below' }).click()
    await poll(() => states(cell)).toEqual(['ok', 'ok', 'ok', 'ok'])
    await page.getByRole('button', { name: 'More ways to run' }).click()
    await page.getByRole('menuitem', { name: 'Run the cells above the selected one' }).waitFor()
    expect(errors).toEqual([])
  })

  test('auto-run runs what depends on a cell after it, and stays on', async () => {
    const { page, cell, errors } = await notebooks.open(chain)
    const auto = page.getByRole('switch', { name: 'Auto-run' })
    expect(await auto.isChecked()).toBe(false)
    await auto.click()
    await choose(cell(1))
    await page.keyboard.press('Control+Enter')
    await poll(() => states(cell)).toEqual(['ok', 'ok', 'idle', 'ok'])
    await page.reload()
    await poll(() => auto.isChecked()).toBe(true)
    expect(errors).toEqual([])
  })

  test('a name declared twice and a use before its declaration are told at once', async () => {
    const { page, cell, errors } = await notebooks.open(['later + 1', 'const later = 1', 'const twice = 2'])
    await cell(1).getByText('later is declared further down, in cell 2').waitFor()
    await write(page, cell(2), '\nconst twice = 3')
    await cell(2).getByText('twice is declared in cell 3 too').waitFor()
    await cell(3).getByText('twice is declared in cell 2 too').waitFor()
    await cell(3).getByRole('button', { name: 'Go there' }).click()
    await poll(() => cell(2).getAttribute('aria-current')).toBe('true')
    expect(errors).toEqual([])
  })

  test('the graph leads to a cell, by mouse, by key and from its list', async () => {
    const { page, cell, errors } = await notebooks.open(chain)
    await page.getByRole('button', { name: 'Graph', exact: true }).click()
    const panel = page.getByRole('complementary', { name: 'Graph' })
    await panel.getByRole('button', { name: 'Cell 2; declares second; uses first' }).click()
    await poll(() => cell(2).getAttribute('aria-current')).toBe('true')
    await panel.getByRole('button', { name: 'Cell 4; uses second' }).focus()
    await page.keyboard.press('Enter')
    await poll(() => cell(4).getAttribute('aria-current')).toBe('true')
    await panel.getByRole('button', { name: 'Show as list' }).click()
    await panel.getByText('uses first of cell 1').waitFor()
    await panel.getByRole('button', { name: '1 first' }).click()
    await poll(() => cell(1).getAttribute('aria-current')).toBe('true')
    expect(errors).toEqual([])
  })

  test('a Markdown cell shows the value of a variable once it has one', async () => {
    const { page, cell, errors } = await notebooks.open([
      { type: 'markdown', source: 'At most ${limit} rows, ${missing} else.' },
      'const limit = 42',
    ])
    await cell(1).getByText('${limit}').waitFor()
    await page.getByRole('button', { name: 'Run all' }).click()
    await cell(1).getByText('At most 42 rows').waitFor()
    await cell(1).getByText('${missing}').waitFor()
    expect(errors).toEqual([])
  })
})
