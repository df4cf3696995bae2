/** A table of a million rows on the page: scrolled, sorted, filtered, counted and downloaded, by mouse and by key. */
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { chromiumPath } from '../pages/browser.ts'
import { useRooms } from './rooms.ts'

const titled = chromiumPath ? 'tables' : 'tables (skipped: there is no Chromium; install it or set CHROMIUM)'
const sql = `-- name: million
select range::int as n, 'web-' || (range % 3) as host, range * 0.5 as half from range(1000000)`

describe.skipIf(!chromiumPath)(titled, { timeout: 120_000 }, () => {
  const rooms = useRooms()
  async function open() {
    const { client } = rooms.server()
    const made = await client.call('createNotebook', {
      body: {
        name: crypto.randomUUID(),
        project: rooms.project(),
        cells: [{ id: 'q', type: 'sql', source: sql }],
      },
    })
    const visit = await rooms.open(`/notebooks/${made.id}`)
    await visit.page.getByRole('button', { name: 'Run all' }).click()
    const grid = visit.page.getByRole('grid').first()
    await grid.getByText('web-1').first().waitFor()
    return { ...visit, grid }
  }
  /** The first row under the heads, as it is shown. */
  const first = (page: Page) => page.getByRole('grid').first().getByRole('row').nth(1).innerText()

  test('by mouse: a column sorts both ways, its panel counts and filters, the last row is reached', async () => {
    const { page, grid, errors } = await open()
    const sort = grid.getByTitle('n, integer: sort')
    await sort.click()
    await sort.click()
    await expect.poll(() => first(page), { timeout: 20_000 }).toMatch(/^999999\s/)
    await page.getByRole('button', { name: 'Statistics and filter of host' }).click()
    const panel = page.getByRole('dialog', { name: /ilter of host/ })
    await panel.getByRole('list', { name: 'Most frequent values' }).getByText('web-0').waitFor()
    await panel.getByLabel('Contains').fill('web-2')
    await expect.poll(() => first(page), { timeout: 20_000 }).toMatch(/^\d+\s+web-2/)
    await page.keyboard.press('Escape')
    await page
      .getByText(/333,333/)
      .first()
      .waitFor()
    await page.getByRole('button', { name: 'Clear the filters' }).click()
    await grid.hover()
    await page.mouse.wheel(0, 40_000_000)
    await grid.getByText('web-0').first().waitFor()
    expect(errors).toEqual([])
  })

  test('by key: sorted, filtered, moved through, and downloaded as CSV and Parquet', async () => {
    const { page, grid, errors } = await open()
    await grid.getByTitle('n, integer: sort').focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('Enter')
    await expect.poll(() => first(page), { timeout: 20_000 }).toMatch(/^999999\s/)
    await page.getByRole('button', { name: 'Statistics and filter of n', exact: true }).focus()
    await page.keyboard.press('Enter')
    const panel = page.getByRole('dialog', { name: /ilter of n\b/ })
    await panel.getByLabel('To').fill('9')
    await expect.poll(() => first(page), { timeout: 20_000 }).toMatch(/^(\d+\s+)?9\s/)
    await page.keyboard.press('Escape')
    await grid.focus()
    await page.keyboard.press('Control+End')
    await grid.getByText('web-0').first().waitFor()
    for (const [format, start] of [
      ['CSV', 'n,host,half\n9,'],
      ['Parquet', 'PAR1'],
    ] as const) {
      await page.getByRole('button', { name: 'Download the table' }).focus()
      await page.keyboard.press('Enter')
      const item = page.getByRole('menuitem', { name: format, exact: true })
      await item.waitFor()
      await item.focus()
      const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')])
      const chunks: Buffer[] = []
      for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer)
      const text = Buffer.concat(chunks).toString('latin1')
      expect([download.suggestedFilename(), text.replaceAll('"', '').slice(0, start.length)]).toEqual([
        `table.${format.toLowerCase()}`,
        start,
      ])
    }
    expect(errors).toEqual([])
  })
})
