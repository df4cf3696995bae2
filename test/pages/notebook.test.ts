import { describe, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { chromiumPath } from './browser.ts'
import { useVisits } from './use-visits.ts'

const titled = chromiumPath
  ? 'the notebook page'
  : 'the notebook page (skipped: there is no Chromium; install it or set CHROMIUM)'
describe.skipIf(!chromiumPath)(titled, { timeout: 120_000 }, () => {
  const visits = useVisits()
  const open = async () => {
    const visit = await visits.open('/notebooks/notebook-learn')
    await visit.page.locator('.cell-editor[data-ready]').first().waitFor()
    return visit
  }
  const cell = (page: Page, number: number) =>
    page.getByRole('region', { name: new RegExp(`^Cell ${number},`) })
  const addCell = async (page: Page, source: string) => {
    await page.getByRole('button', { name: 'Add TypeScript' }).click()
    await page.locator('.cell').last().locator('.monaco-editor.focused').waitFor()
    await page.keyboard.insertText(source)
  }

  test('run all: a table, a figure and text; they survive a reload', async () => {
    const { page, errors } = await open()
    await page.getByRole('button', { name: 'Run all' }).click()
    await cell(page, 5).getByText('42', { exact: true }).waitFor()
    await cell(page, 2).getByText('table 22,695 × 2').waitFor()
    const frame = page.frameLocator('iframe[title^="Figures"]')
    await frame.locator('.js-plotly-plot .scatterlayer').waitFor()
    await page.getByRole('status', { name: 'Kernel' }).getByText('kernel ready').waitFor()
    await page.reload()
    await cell(page, 5).getByText('42', { exact: true }).waitFor()
    await frame.locator('.js-plotly-plot .scatterlayer').waitFor()
    expect(errors).toEqual([])
  })

  test('an error is said in one sentence and marks its line; the source is text, not markup', async () => {
    const { page, errors } = await open()
    await addCell(page, 'throw new Error()')
    await page.keyboard.press('Control+Enter')
    const last = page.locator('.cell').last()
    await last.getByText('the machine is <b>too hot</b>').waitFor()
    await last.locator('.error-line').waitFor()
    expect(errors).toEqual([])
  })

  test('HTML is shown in the frame without what acts', async () => {
    const { page, errors } = await open()
    await addCell(page, 'html')
    await page.keyboard.press('Control+Enter')
    const frame = page.frameLocator('iframe[title^="Figures"]')
    await frame.getByText('bold', { exact: true }).waitFor()
    expect(await frame.locator('script:not([src]), [onerror]').count()).toBe(0)
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false)
    expect(errors).toEqual([])
  })

  test('keys: run and insert, leave the editor, delete, bring back', async () => {
    const { page, errors } = await open()
    const before = await page.locator('.cell').count()
    await addCell(page, '6 * 7')
    await page.keyboard.press('Alt+Enter')
    await expect.poll(() => page.locator('.cell').count(), { timeout: 30_000 }).toBe(before + 2)
    await page.locator('.cell').last().locator('.monaco-editor.focused').waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('d')
    await page.keyboard.press('d')
    await expect.poll(() => page.locator('.cell').count(), { timeout: 30_000 }).toBe(before + 1)
    await page.evaluate(() => (document.activeElement as HTMLElement).blur())
    await page.keyboard.press('z')
    await expect.poll(() => page.locator('.cell').count(), { timeout: 30_000 }).toBe(before + 2)
    expect(errors).toEqual([])
  })

  test('interrupt ends a cell that would run for ever', async () => {
    const { page, errors } = await open()
    await addCell(page, 'while (true) {}')
    await page.keyboard.press('Control+Enter')
    const last = page.locator('.cell').last()
    await expect.poll(() => last.getAttribute('data-state'), { timeout: 30_000 }).toBe('running')
    await page.getByRole('button', { name: 'Interrupt', exact: true }).click()
    await expect.poll(() => last.getAttribute('data-state'), { timeout: 30_000 }).toBe('error')
    expect(errors).toEqual([])
  })

  test('a version is saved; the API panel has the curl; a processing notebook is deployed', async () => {
    const { page, errors } = await open()
    await page.getByRole('button', { name: 'History' }).click()
    await page.getByLabel('What changed').fill('for the test')
    await page.getByRole('button', { name: 'Save a version' }).click()
    await page.getByText('The version is saved').waitFor()
    await page.getByRole('button', { name: 'API', exact: true }).click()
    await page.getByText('/notebooks/notebook-learn/runs?wait=30').waitFor()
    await page.goto(`${visits.url}/notebooks/notebook-watch`)
    await page.getByRole('button', { name: 'Deploy', exact: true }).click()
    await page.getByRole('button', { name: 'Deploy this notebook' }).click()
    await page.waitForURL('**/deployments/deployment-*')
    expect(errors).toEqual([])
  })
})
