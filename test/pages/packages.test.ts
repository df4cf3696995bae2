/** The packages of a project on its page: seen, added by keyboard, stopped, removed. */
import { describe, expect, test } from 'vitest'
import { chromiumPath } from './browser.ts'
import { useVisits } from './use-visits.ts'

const titled = chromiumPath
  ? 'the packages of a project'
  : 'the packages of a project (skipped: there is no Chromium; install it or set CHROMIUM)'
describe.skipIf(!chromiumPath)(titled, { timeout: 120_000 }, () => {
  const visits = useVisits()

  test('name, version, size, licence and state are told; one is added and removed', async () => {
    const { page, errors } = await visits.open('/projects/project-machine')
    const table = page.getByRole('table', { name: 'Packages' })
    const row = (name: string) => table.getByRole('row').filter({ hasText: name })
    await row('d3-array').waitFor()
    const texts = await row('d3-array').getByRole('cell').allTextContents()
    expect(texts.slice(0, 6)).toEqual(['d3-array', '3.2.4', '40.2 kB', '1', 'ISC', 'ready'])
    expect(await row('sharp').textContent()).toContain('sharp needs node:child_process of Node')

    await page.getByLabel('Package of npm').fill('ml-matrix')
    await page.getByLabel('Version').press('Enter')
    await row('ml-matrix').getByText('Asking the registry').waitFor()
    await row('ml-matrix').getByRole('button', { name: 'Stop adding ml-matrix' }).click()
    await row('ml-matrix').waitFor({ state: 'detached' })

    await row('sharp').getByRole('button', { name: 'Add sharp again' }).click()
    await row('sharp').getByText('Asking the registry').waitFor()
    await row('d3-array').getByRole('button', { name: 'Remove d3-array' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click()
    await row('d3-array').waitFor({ state: 'detached' })
    expect(errors).toEqual([])
  })
})
