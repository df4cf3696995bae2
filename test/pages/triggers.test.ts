import { describe, expect, test } from 'vitest'
import { chromiumPath } from './browser.ts'
import { useNotebooks } from './notebook-visit.ts'

const titled = chromiumPath
  ? 'triggers of a notebook'
  : 'triggers of a notebook (skipped: there is no Chromium; install it or set CHROMIUM)'
describe.skipIf(!chromiumPath)(titled, { timeout: 120_000 }, () => {
  const notebooks = useNotebooks()

  test('are made by keyboard, shown with next times and zone, fired, called by a path and deleted', async () => {
    const { page, errors } = await notebooks.open(['1'])
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    const list = page.getByRole('region', { name: 'Triggers' })
    await list.getByText('Nothing starts this notebook by itself yet.').waitFor()
    await list.getByRole('button', { name: 'Add a trigger' }).press('Enter')
    const dialog = page.getByRole('dialog', { name: 'New trigger' })
    const cron = dialog.getByLabel('Schedule as cron')
    await cron.fill('soon')
    await dialog.getByText('"soon" is no schedule.').waitFor()
    await cron.fill('0 9 * * 1-5')
    await expect
      .poll(() => dialog.getByRole('list', { name: 'Next times' }).getByRole('listitem').count())
      .toBe(5)
    await dialog.getByLabel('Attempts').fill('3')
    await dialog.getByLabel('Seconds between').fill('10')
    await dialog.getByLabel('Concurrency key').fill('gpu')
    await cron.press('Enter')
    await dialog.waitFor({ state: 'hidden' })
    const row = list.getByRole('listitem', { name: /^0 9 \* \* 1-5 / })
    await expect
      .poll(() => row.getByRole('list', { name: 'Next times' }).getByRole('listitem').count())
      .toBe(5)
    await row.getByText('It has not fired yet.').waitFor()
    const choose = async (name: string): Promise<void> => {
      await row.getByRole('button', { name: /^What to do with/ }).click()
      await page.getByRole('menuitem', { name }).click()
    }
    await choose('Fire now')
    await row.getByText(/2 attempts · boom/).waitFor()
    expect(await row.getByRole('link', { name: 'run on failure' }).getAttribute('href')).toBe('/runs/run-1')
    await choose('Make a path to call it')
    await row.getByText(/curl -X POST .*\/api\/v1\/hooks\/w~t~secret/).waitFor()
    await choose('Change')
    const change = page.getByRole('dialog', { name: 'Change the trigger' })
    expect(await change.getByLabel('Attempts').inputValue()).toBe('3')
    await page.keyboard.press('Escape')
    await change.waitFor({ state: 'hidden' })
    await choose('Turn off')
    await row.getByText('off', { exact: true }).waitFor()
    await choose('Delete')
    await page
      .getByRole('dialog', { name: 'Delete the trigger?' })
      .getByRole('button', { name: 'Delete' })
      .click()
    await list.getByText('Nothing starts this notebook by itself yet.').waitFor()
    expect(errors.filter((text) => !text.includes('422'))).toEqual([])
  })
})
