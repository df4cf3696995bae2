import { describe, expect, test } from 'vitest'
import { chromiumPath } from './browser.ts'
import { choose, useNotebooks, write } from './notebook-visit.ts'

const titled = chromiumPath
  ? 'versions and edits of several people'
  : 'versions and edits of several people (skipped: there is no Chromium; install it or set CHROMIUM)'
describe.skipIf(!chromiumPath)(titled, { timeout: 120_000 }, () => {
  const notebooks = useNotebooks()
  const poll = (get: () => Promise<unknown>) => expect.poll(get, { timeout: 20_000 })
  const quiet = (errors: string[]) => errors.filter((text) => !text.includes('412'))

  test('edits of different cells are merged; nobody is asked, nothing is lost', async () => {
    const { page, cell, stored, change, errors } = await notebooks.open(['one', 'two'])
    await change((cells) => [
      { ...cells[0]!, source: 'theirs' },
      cells[1],
      { id: 'x', type: 'typescript', source: 'new' },
    ])
    await write(page, cell(2), ' mine')
    await poll(stored).toEqual(['theirs', 'two mine', 'new'])
    await cell(1).getByText('theirs').first().waitFor()
    expect(quiet(errors)).toEqual([])
  })

  test('a cell that both changed waits for a choice: mine, theirs or both', async () => {
    const { page, cell, stored, change, errors } = await notebooks.open(['one', 'two', 'three'])
    await change((cells) => cells.map((one) => ({ ...one, source: `their ${one.source}` })))
    await choose(cell(1))
    await page.keyboard.press('Shift+J')
    await page.keyboard.press('Shift+J')
    await page.keyboard.press('Control+Shift+F')
    const panel = page.getByRole('complementary', { name: 'Find and replace' })
    await panel.getByLabel('Find', { exact: true }).fill('^')
    await panel.getByLabel('Regular expression').check()
    await panel.getByLabel('Find', { exact: true }).fill('^.')
    await panel.getByLabel('Replace with').fill('my $&')
    await panel.getByRole('button', { name: 'Replace all' }).click()
    await page.getByText('3 cells were changed elsewhere too').waitFor()
    expect(await stored()).toEqual(['their one', 'their two', 'their three'])
    const conflict = (name: string) => page.getByRole('listitem', { name })
    await conflict('Cell 1').getByRole('button', { name: 'Keep mine' }).click()
    await conflict('Cell 2').getByRole('button', { name: 'Take theirs' }).click()
    await conflict('Cell 3').getByRole('button', { name: 'Keep both' }).click()
    await poll(stored).toEqual(['my one', 'their two', 'my three', 'their three'])
    expect(quiet(errors)).toEqual([])
  })

  test('what could not be saved is offered after the tab was closed', async () => {
    const { page, id, cell, stored, errors } = await notebooks.open(['one', 'two'])
    await page.route('**/api/v1/notebooks/*', (route) =>
      route.request().method() === 'PATCH' ? route.abort() : route.continue(),
    )
    await write(page, cell(1), ' unsaved')
    await page.getByText(/not saved:/).waitFor()
    const next = await page.context().newPage()
    await page.close({ runBeforeUnload: false })
    await next.goto(new URL(`/notebooks/${id}`, page.url()).href)
    await next.getByText('Changes from here did not reach the server').waitFor()
    expect(await stored()).toEqual(['one', 'two'])
    await next.getByRole('button', { name: 'Bring them back' }).click()
    await poll(stored).toEqual(['one unsaved', 'two'])
    await next.reload()
    await next.locator('.cell-editor[data-ready]').first().waitFor()
    expect(await next.getByText('Changes from here').count()).toBe(0)
    expect(errors.filter((text) => !text.includes('ERR_FAILED'))).toEqual([])
  })

  test('a version is compared with now, and gone back to', async () => {
    const { page, cell, stored, errors } = await notebooks.open(['const answer = 42'])
    await page.getByRole('button', { name: 'History' }).click()
    await page.getByLabel('What changed').fill('the answer')
    await page.getByRole('button', { name: 'Save a version' }).click()
    await page.getByRole('button', { name: 'Compare v1 with now' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Cell 1 changed').waitFor()
    await dialog.getByText('− const answer = 41').waitFor()
    await dialog.getByText('+ const answer = 42').waitFor()
    await dialog.getByText('Cell 2 deleted since').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Go back to v1' }).click()
    await page.getByRole('button', { name: 'Replace the cells' }).click()
    await poll(stored).toEqual(['const answer = 41', '// of long ago'])
    await cell(1).getByText('41').first().waitFor()
    await page.getByRole('button', { name: 'Compare v2 with now' }).waitFor()
    expect(errors).toEqual([])
  })

  test('a deleted notebook is in the trash of its project and comes back', async () => {
    const { page, errors } = await notebooks.open(['one'])
    const name = (await page.getByRole('heading', { level: 1 }).textContent())!
    await page.getByRole('button', { name: 'More for this notebook' }).click()
    await page.getByRole('menuitem', { name: 'Delete the notebook' }).click()
    await page.getByRole('button', { name: 'Delete the notebook' }).click()
    await page.getByRole('button', { name: `Restore ${name}` }).click()
    await page.getByRole('link', { name }).click()
    await page.locator('.cell-editor[data-ready]').first().waitFor()
    expect(errors).toEqual([])
  })
})
