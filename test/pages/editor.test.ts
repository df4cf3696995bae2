import { describe, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { chromiumPath } from './browser.ts'
import { useVisits } from './use-visits.ts'

const titled = chromiumPath
  ? 'the editor'
  : 'the editor (skipped: there is no Chromium; install it or set CHROMIUM)'
describe.skipIf(!chromiumPath)(titled, { timeout: 120_000 }, () => {
  const visits = useVisits()
  const open = async () => {
    const visit = await visits.open('/notebooks/notebook-learn')
    await visit.page.locator('.cell-editor[data-ready]').first().waitFor()
    return visit
  }
  const addCell = async (page: Page, source: string, type: 'TypeScript' | 'SQL' = 'TypeScript') => {
    await page.getByRole('button', { name: `Add ${type}` }).click()
    await page.locator('.cell').last().locator('.monaco-editor.focused').waitFor()
    await page.keyboard.insertText(source)
  }
  const last = (page: Page) => page.locator('.cell').last()
  const lines = (page: Page, nth: number) =>
    page
      .locator('.cell')
      .nth(nth)
      .locator('.view-line')
      .allTextContents()
      .then((found) => found.map((line) => line.replaceAll('\u00a0', ' ')).join('\n'))
  /** The message of the mark at the cursor, as F8 tells it. */
  const nextMark = async (page: Page): Promise<string> => {
    await page.keyboard.press('Alt+F8')
    const zone = page.locator('.marker-widget .message').first()
    await zone.waitFor()
    const text = await zone.textContent()
    await page.keyboard.press('Escape')
    return text ?? ''
  }

  test('completion knows what another cell declares, and columns, before anything runs', async () => {
    const { page, errors } = await open()
    await addCell(page, "const readings = await objects.table('machine temperature history')")
    await addCell(page, '')
    await page.keyboard.type('readin')
    await page.locator('.suggest-widget.visible').getByText('readings').first().waitFor()
    await page.keyboard.press('Enter')
    await page.keyboard.type(".column('")
    await page.locator('.suggest-widget.visible').getByText('timestamp').first().waitFor()
    expect(errors).toEqual([])
  })

  test('a wrong column, object and field are underlined while typing', async () => {
    const { page, errors } = await open()
    await addCell(page, "const readings = await objects.table('machine temperature history')")
    await addCell(page, "readings.column('vlaue')")
    await last(page).locator('.squiggly-error').waitFor()
    expect(await nextMark(page)).toContain(`'"vlaue"' is not assignable`)
    await addCell(
      page,
      "const [message] = await streams.recent('machine temperature live')\nmessage!.body.valeu",
    )
    await last(page).locator('.squiggly-error').waitFor()
    await addCell(page, "await objects.table('nowhere')")
    await last(page).locator('.squiggly-error').waitFor()
    await addCell(page, "const which = 'a' + readings.length\nawait objects.table(which)")
    await page.waitForFunction(() => document.documentElement.dataset.checked)
    await last(page).locator('.squiggly-error').waitFor({ state: 'detached' })
    expect(errors).toEqual([])
  })

  test('hover tells type and documentation', async () => {
    const { page, errors } = await open()
    await addCell(page, 'learn.robustZ.score')
    await last(page).getByText('learn.robustZ.score').last().waitFor()
    await page.waitForFunction(() => document.documentElement.dataset.checked)
    await page.keyboard.press('Alt+I')
    await page.locator('.monaco-hover').getByText('A score for each row').waitFor()
    expect(errors).toEqual([])
  })

  test('rename reaches every cell, go to definition moves there', async () => {
    const { page, errors } = await open()
    const count = await page.locator('.cell').count()
    await addCell(page, 'const limit = 5')
    await addCell(page, '-- name: high\nselect * from x where v > ${limit}', 'SQL')
    await addCell(page, 'limit + high.length')
    await page.waitForFunction(() => document.documentElement.dataset.checked)
    await page.keyboard.press('Home')
    await page.keyboard.press('F2')
    await page.locator('.rename-box input:focus').waitFor()
    await page.keyboard.press('Control+A')
    await page.keyboard.type('bound')
    await page.keyboard.press('Enter')
    await page.locator('.rename-box').first().waitFor({ state: 'hidden' })
    await expect.poll(() => lines(page, count), { timeout: 20_000 }).toBe('const bound = 5')
    expect(await lines(page, count + 1)).toContain('${bound}')
    expect(await lines(page, count + 2)).toBe('bound + high.length')
    await page.keyboard.press('F12')
    await page.locator('.cell').nth(count).locator('.monaco-editor.focused').waitFor()
    expect(errors).toEqual([])
  })

  test('Shift+Alt+F formats the cell', async () => {
    const { page, errors } = await open()
    await addCell(page, 'const  x={a:1 ,b:2}')
    await page.keyboard.press('Shift+Alt+F')
    const at = (await page.locator('.cell').count()) - 1
    await expect.poll(() => lines(page, at), { timeout: 20_000 }).toBe('const x = { a: 1, b: 2 }')
    expect(errors).toEqual([])
  })

  test('SQL completes tables after FROM and columns', async () => {
    const { page, errors } = await open()
    await addCell(page, 'select ', 'SQL')
    await page.keyboard.type('from machine')
    await page.locator('.suggest-widget.visible').getByText('machine temperature history').waitFor()
    await page.keyboard.press('Enter')
    await page.keyboard.type(' where val')
    await page.locator('.suggest-widget.visible').getByText('value').first().waitFor()
    await page.keyboard.press('Enter')
    const at = (await page.locator('.cell').count()) - 1
    expect(await lines(page, at)).toBe('select from "machine temperature history" where value')
    expect(errors).toEqual([])
  })
})
