/** Everything around a notebook, in both themes and on a narrow screen: axe-core finds nothing serious. */
import { describe, expect, test } from 'vitest'
import { chromiumPath } from '../pages/browser.ts'
import { findFaults } from './axe.ts'
import { useRooms } from './rooms.ts'

const titled = chromiumPath ? 'access' : 'access (skipped: there is no Chromium; install it or set CHROMIUM)'
const panels = ['Outline', 'Graph', 'Variables', 'Console', 'History', 'Run', 'API']
const ways = [
  { dark: false, width: 1440 },
  { dark: true, width: 1440 },
  { dark: false, width: 390 },
  { dark: true, width: 390 },
]

describe.skipIf(!chromiumPath)(titled, { timeout: 180_000 }, () => {
  const rooms = useRooms()

  test.each(ways)('the notebook page with each panel, dark: $dark, $width px', async (way) => {
    const { page } = await rooms.open(`/notebooks/${rooms.notebook()}`, way)
    await rooms.run(page)
    const found: Record<string, string[]> = { page: await findFaults(page) }
    const look = async (name: string) => {
      const panel = page.getByRole('complementary', { name })
      await panel.waitFor()
      await expect.poll(() => panel.locator('[aria-busy]').count(), { timeout: 20_000 }).toBe(0)
      found[name] = await findFaults(page)
      await panel.getByRole('button', { name: `Close ${name}` }).click()
    }
    for (const name of panels) {
      await page.getByRole('button', { name, exact: true }).click()
      await look(name)
    }
    for (const name of ['Find and replace', 'Keys']) {
      await page.getByRole('button', { name: 'More for this notebook' }).click()
      await page.getByRole('menuitem', { name: 'Hide the code' }).waitFor()
      found[`menu before ${name}`] = await findFaults(page)
      await page.getByRole('menuitem', { name }).click()
      await look(name)
    }
    await page.getByRole('button', { name: 'History', exact: true }).click()
    await page.getByRole('button', { name: 'Compare v1 with now' }).click()
    await page.getByRole('dialog').getByText('Cell 1 changed').waitFor()
    found['comparison'] = await findFaults(page)
    expect(Object.entries(found).filter(([, faults]) => faults.length > 0)).toEqual([])
  })

  test.each(ways)('App view, shared page, project and trash, dark: $dark, $width px', async (way) => {
    const found: Record<string, string[]> = {}
    const { page } = await rooms.open(`/notebooks/${rooms.notebook()}/app`, way)
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.locator('[data-cell="fault"] .outputs').getByText('the machine is too hot').first().waitFor()
    found['app'] = await findFaults(page)
    await page.getByRole('button', { name: 'Share' }).click()
    await page.getByRole('button', { name: 'Make a link' }).click()
    const link = new URL((await page.locator('.code-block pre').textContent())!)
    found['share'] = await findFaults(page)
    const shared = await rooms.open(link.pathname + link.hash, { ...way, member: false })
    await shared.page.getByText('Press Run to see the results.').waitFor()
    await shared.page.getByRole('button', { name: 'Run', exact: true }).click()
    await shared.page
      .locator('[data-cell="fault"] .outputs')
      .getByText('the machine is too hot')
      .first()
      .waitFor()
    found['shared'] = await findFaults(shared.page)
    await page.goto(`${rooms.server().base}/projects/${rooms.project()}`)
    await page.getByRole('button', { name: 'Restore Of last year' }).waitFor()
    found['project and trash'] = await findFaults(page)
    expect(Object.entries(found).filter(([, faults]) => faults.length > 0)).toEqual([])
  })
})
