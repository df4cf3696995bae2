/** The main job as a person does it: in Chromium, from the empty overview to the alert. Any console error fails it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, expect, test } from 'vitest'
import { historyCsv, liveRows } from '../main-job.ts'
import { chromiumPath, openVisits } from '../pages/browser.ts'
import { parsePercent } from '../../runtime/notebook/percent.ts'
import { startServer, token, until } from '../server.ts'

if (!chromiumPath) console.warn('SKIPPED: Chromium is not installed (apt-get install chromium)')
const cleanups: (() => Promise<void> | void)[] = []
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup()
})

/** The TypeScript of a notebook file as one cell. */
function sourceOf(file: string): string {
  return parsePercent(readFileSync(`examples/machine-temperature/${file}`, 'utf8'))
    .filter((cell) => cell.type === 'typescript')
    .map((cell) => cell.source)
    .join('\n')
    .replace("objects.json('machine temperature labels')", "objects.json('machine temperature labels.json')")
}

async function makeNotebook(
  page: Page,
  base: string,
  name: string,
  kind: string,
  source: string,
): Promise<void> {
  await page.goto(`${base}/projects`)
  await page.getByRole('link', { name: 'Guard duty' }).click()
  await page.getByRole('button', { name: 'Make a notebook' }).first().click()
  await page.getByRole('textbox', { name: 'Name' }).fill(name)
  await page.getByText(kind, { exact: true }).last().click()
  await page.getByRole('button', { name: 'Make the notebook' }).click()
  await page.locator('.monaco-editor').first().click()
  await page.evaluate((text) => navigator.clipboard.writeText(text), source)
  await page.keyboard.press('Control+V')
  await page
    .getByText(/^saved/)
    .first()
    .waitFor()
}

test.skipIf(!chromiumPath)(
  'from the empty overview to the alert',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'suricate-files-'))
    cleanups.push(() => rmSync(folder, { recursive: true, force: true }))
    const write = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text)
      return join(folder, name)
    }
    const lines = liveRows.map((row) => `${row.timestamp},${row.value}`)
    const files = [
      write('machine temperature history.csv', historyCsv),
      write('live.csv', `timestamp,value\n${lines.join('\n')}\n`),
      write(
        'machine temperature labels.json',
        readFileSync('examples/machine-temperature/labels.json', 'utf8'),
      ),
    ]
    const server = await startServer()
    const visits = await openVisits(server.base)
    cleanups.push(
      () => server.close(),
      () => visits.close(),
    )
    const { page, errors } = await visits.open('/', { session: null })
    page.setDefaultTimeout(30_000)
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    // What the person saw last, for whoever looks into a failure.
    cleanups.push(() => page.screenshot({ path: 'build/main-job-last.png' }).then(() => undefined))

    // Sign in, and see what an empty workspace says.
    await page.waitForURL('**/sign-in*')
    await page.getByLabel('Token').fill(token)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: /Four steps/ }).waitFor()
    errors.length = 0 // the first page asked who is there, and was told: nobody

    // Aggregate: upload the history, the labels and the series to replay.
    await page.getByRole('link', { name: 'Add data' }).click()
    await page.getByLabel('Files to upload').setInputFiles(files)
    await page.getByRole('link', { name: 'machine temperature history.csv' }).first().waitFor()
    await page.getByRole('link', { name: 'live.csv' }).first().waitFor()
    await page.getByRole('button', { name: 'Define a stream' }).first().click()
    await page.getByLabel('Name', { exact: true }).fill('machine temperature')
    await page.getByText('Simulator', { exact: true }).click()
    await page.getByRole('combobox', { name: 'Object to replay' }).click()
    await page.getByRole('option', { name: 'live.csv' }).click()
    await page.getByLabel('Speed').fill('150000')
    await page.getByLabel('Event-time field').fill('timestamp')
    await page.getByLabel('Out of order by, s').fill('3600')
    await page.getByRole('button', { name: 'Define the stream' }).click()
    await page
      .getByText(/consuming|idle/)
      .first()
      .waitFor()

    // Interact and compute: a notebook learns, its outputs survive a reload.
    await page.goto(`${server.base}/projects`)
    await page.getByRole('button', { name: 'Make a project' }).first().click()
    await page.getByLabel('Name').fill('Guard duty')
    await page.getByRole('button', { name: 'Make the project' }).click()
    await page.waitForURL('**/projects/*')
    await makeNotebook(page, server.base, 'Learn', 'Analytics', sourceOf('learn.ts'))
    await page.getByRole('button', { name: 'Run all' }).click()
    const comparison = page.getByRole('gridcell', { name: 'isolation forest (baseline)' })
    await comparison.waitFor()
    await page.reload()
    await comparison.waitFor()
    await page.goto(`${server.base}/models`)
    await page.getByRole('link', { name: 'machine temperature' }).first().click()
    await page.getByText('champion').first().waitFor()

    // Act: deploy the guard from the first message, and wait for the alert.
    await makeNotebook(page, server.base, 'Guard', 'Processing', sourceOf('guard.ts'))
    await page.getByRole('button', { name: 'Deploy' }).first().click()
    await page.getByRole('combobox', { name: 'Start from' }).click()
    await page.getByRole('option', { name: /first/i }).click()
    await page
      .getByRole('button', { name: /^Deploy/ })
      .last()
      .click()
    await page.waitForURL('**/deployments/*')
    const deployed = await until(
      async () => {
        const { items } = await server.client.call('findDeployments', {})
        return items[0]?.state !== 'starting' && items[0]
      },
      30_000,
      'the deployment to start',
    )
    expect([deployed.state, deployed.lastError]).toEqual(['running', null])
    await page.getByRole('button', { name: 'Pause' }).waitFor()
    await page.goto(server.base)
    await page.getByText('Machine temperature is abnormal').first().waitFor({ timeout: 60_000 })
    await page.getByText('Machine temperature is abnormal').first().click()
    await page.getByRole('button', { name: 'Acknowledge' }).click()
    await page.getByText('acknowledged').first().waitFor()
    expect(errors).toEqual([])
  },
  240_000,
)
