import { describe, expect, test } from 'vitest'
import { chromiumPath } from './browser.ts'
import { useVisits } from './use-visits.ts'

const titled = chromiumPath
  ? 'the pages'
  : 'the pages (skipped: there is no Chromium; install it or set CHROMIUM)'
describe.skipIf(!chromiumPath)(titled, { timeout: 120_000 }, () => {
  const visits = useVisits()

  test('overview: shows six tiles, the open alert, and leads to it', async () => {
    const { page, errors } = await visits.open('/')
    for (const name of ['Data', 'Analytics', 'Processing', 'Watches', 'Models', 'Runs'])
      await page.locator('.tile', { hasText: name }).first().waitFor()
    await page.getByRole('img', { name: /^Timeline from/ }).waitFor()
    await page
      .getByRole('region', { name: 'Open alerts' })
      .getByRole('link', { name: 'Machine temperature' })
      .click()
    await page.getByRole('button', { name: 'Acknowledge' }).waitFor()
    expect((await page.request.get(`${visits.url}/favicon.ico`)).status()).toBe(200)
    expect(errors).toEqual([])
  })

  test('overview: an empty workspace shows four steps, each with a button', async () => {
    const { page, errors } = await visits.open('/', { session: 'e' })
    const steps = page.getByRole('region', { name: 'First steps' })
    await steps.waitFor()
    expect(await steps.getByRole('heading', { level: 3 }).allTextContents()).toEqual([
      '1. Aggregate',
      '2. Interact',
      '3. Compute',
      '4. Act',
    ])
    await steps.getByRole('link', { name: 'Add data' }).click()
    await page.getByRole('heading', { name: 'No data yet' }).waitFor()
    for (const place of ['Projects', 'Models', 'Deployments', 'Alerts', 'Actions', 'Runs']) {
      await page.getByRole('link', { name: place, exact: true }).click()
      await page.locator('.empty').getByRole('heading').waitFor()
    }
    expect(errors).toEqual([])
  })

  test('sign-in: without a session every page leads here; a token opens it', async () => {
    const { page, errors } = await visits.open('/runs', { session: null })
    await page.waitForURL('**/sign-in?to=%2Fruns')
    await page.getByLabel('Token').fill('wrong')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('This token is not valid.').waitFor()
    await page.getByLabel('Token').fill('sur_token')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('table', { name: 'Runs' }).waitFor()
    expect(errors.filter((text) => !text.includes('401'))).toEqual([])
  })

  test('data: uploads a file, says why one is refused, and previews what is there', async () => {
    const { page, errors } = await visits.open('/data')
    await page.getByRole('table', { name: 'Objects and streams' }).waitFor()
    await page.getByLabel('Files to upload').setInputFiles([
      { name: 'readings.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b\n1,2\n3,4\n5,6\n') },
      { name: 'empty.csv', mimeType: 'text/csv', buffer: Buffer.alloc(0) },
    ])
    await page.getByText('stored, 3 rows').waitFor()
    await page.getByText('The file is empty.').waitFor()
    await page.getByRole('list', { name: 'Uploads' }).getByRole('link', { name: 'readings.csv' }).click()
    await page.getByRole('table', { name: 'Profile of the columns' }).waitFor()
    await page.getByRole('table', { name: 'Rows' }).waitFor()
    expect(errors.filter((text) => !text.includes('422'))).toEqual([])
  })

  test('data: a stream is defined after its connection was tested', async () => {
    const { page, errors } = await visits.open('/data')
    await page.getByRole('button', { name: 'Define a stream' }).click()
    const panel = page.getByRole('dialog', { name: 'Define a stream' })
    await panel.getByLabel('Name').fill('orders')
    await panel.getByLabel('Queue', { exact: true }).last().fill('orders')
    await panel.getByText('Connected; the queue is there.').waitFor()
    await panel.getByText('1,240 messages wait, 0 other consumers, quorum queue').waitFor()
    await panel.getByLabel('Address').fill('amqp://nowhere')
    await panel.getByText('The name nowhere cannot be resolved.').waitFor()
    await panel.getByRole('button', { name: 'Define the stream' }).click()
    await page.getByRole('heading', { name: 'orders', level: 1 }).waitFor()
    await page.getByRole('table', { name: 'Last messages' }).waitFor()
    expect(errors).toEqual([])
  })

  test('deployments: pause and resume; the chart has a table behind it', async () => {
    const { page, errors } = await visits.open('/deployments/deployment-1')
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByRole('button', { name: 'Resume' }).click()
    await page.getByRole('button', { name: 'Pause' }).waitFor()
    await page.locator('.js-plotly-plot').waitFor()
    await page.getByRole('button', { name: 'Show as table' }).click()
    await page.getByRole('table', { name: 'Windows' }).waitFor()
    await page.getByRole('table', { name: 'Actions' }).getByRole('link', { name: 'alert' }).click()
    await page.getByRole('link', { name: 'machine temperature v2' }).first().click()
    await page.getByRole('table', { name: 'Versions' }).waitFor()
    expect(errors).toEqual([])
  })

  test('models: an alias moves to another version', async () => {
    const { page, errors } = await visits.open('/models/machine%20temperature')
    await page.getByRole('button', { name: 'Make v3 champion' }).click()
    await page.getByRole('button', { name: 'Make v2 champion' }).waitFor()
    expect(errors).toEqual([])
  })

  test('alerts: the keys acknowledge and resolve', async () => {
    const { page, errors } = await visits.open('/alerts')
    await page.getByRole('article', { name: 'Machine temperature is abnormal' }).waitFor()
    await page.keyboard.press('e')
    await page.getByRole('article').getByText('acknowledged', { exact: true }).waitFor()
    await page.keyboard.press('r')
    await page.getByRole('article').getByText('resolved', { exact: true }).waitFor()
    await page.keyboard.press('j')
    await page.getByRole('article', { name: /No message for 5 minutes <b>on<\/b>/ }).waitFor()
    expect(errors).toEqual([])
  })

  test('runs and actions: a run shows its receipt; a failed action is sent again', async () => {
    const { page, errors } = await visits.open('/runs/run-2')
    await page.getByText('22,695 rows read').waitFor()
    await page.getByText('840 ms').waitFor()
    await page.goto(`${visits.url}/actions?state=failed`)
    await page.getByRole('button', { name: 'Retry' }).click()
    await page.getByText('The action is sent again').waitFor()
    expect(errors).toEqual([])
  })

  test('settings: a token is shown once and revoked', async () => {
    const { page, errors } = await visits.open('/settings')
    await page.getByLabel('Name of the token').fill('nightly')
    await page.getByRole('button', { name: 'Make a token' }).click()
    await page.getByText('sur_0123456789abcdef').waitFor()
    await page.reload()
    await page.getByRole('button', { name: 'Revoke nightly' }).click()
    expect(await page.getByText('sur_0123456789abcdef').count()).toBe(0)
    await page.getByRole('button', { name: 'Revoke the token' }).click()
    await page.getByRole('button', { name: 'Revoke nightly' }).waitFor({ state: 'detached' })
    expect(errors).toEqual([])
  })

  test('the palette finds a notebook by name and opens it', async () => {
    const { page, errors } = await visits.open('/runs')
    await page.getByRole('table', { name: 'Runs' }).waitFor()
    await page.keyboard.press('Control+k')
    await page.getByRole('textbox', { name: 'Find anything' }).fill('learn what')
    await page.getByText('Learn what is normal').last().click()
    await page.waitForURL('**/notebooks/notebook-learn')
    expect(errors).toEqual([])
  })

  test('every page at 390 px: nothing is wider, every control has a name', async () => {
    const { page, errors } = await visits.open('/', { width: 390, dark: true })
    const paths = [
      '/',
      '/data',
      '/data/objects/object-history',
      '/data/streams/stream-live',
      '/projects',
      '/projects/project-machine',
      '/notebooks/notebook-learn',
      '/models',
      '/models/machine%20temperature',
      '/runs',
      '/runs/run-2',
      '/deployments',
      '/deployments/deployment-1',
      '/alerts',
      '/actions',
      '/actions/action-1',
      '/settings',
      '/sign-in',
    ]
    for (const path of paths) {
      await page.goto(visits.url + path)
      await page.getByRole('heading', { level: 1 }).first().waitFor()
      await page.locator('[aria-busy]').first().waitFor({ state: 'detached' })
      const found = await page.evaluate(() => ({
        over: Math.max(0, document.documentElement.scrollWidth - innerWidth),
        unnamed: [...document.querySelectorAll('button, a[href], input:not([type=hidden]):not([hidden])')]
          .filter((node) => node.getClientRects().length > 0)
          .filter((node) => {
            const input = node as HTMLInputElement
            const text = node.getAttribute('aria-label') ?? node.textContent ?? ''
            return (
              text.trim() === '' &&
              !(input.labels && input.labels.length > 0) &&
              !node.getAttribute('aria-labelledby')
            )
          })
          .map((node) => node.outerHTML.slice(0, 200)),
      }))
      expect({ path, ...found }).toEqual({ path, over: 0, unnamed: [] })
    }
    expect(errors).toEqual([])
  })
})
