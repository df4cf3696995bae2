/** Inputs and the App view as a person uses them, by mouse and by keyboard. Any console error fails it. */
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath, openVisits, type Visits } from '../pages/browser.ts'
import { startServer, type TestServer, token } from '../server.ts'

const cells = [
  { id: 'head', type: 'markdown' as const, source: '# How it was' },
  { id: 'hours', source: "const hours = ui.slider('Hours', { min: 1, max: 48, value: 24 })" },
  { id: 'hosts', source: "const host = ui.select('Host', ['web-1', 'web-2'])" },
  {
    id: 'more',
    source: `const who = ui.text('Who', { placeholder: 'a name' })
const from = ui.date('From', { value: '2024-02-28', max: '2024-12-31' })
const go = ui.button('Go')
const rows = ui.table([{ host: 'a', cpu: 1 }, { host: 'b', cpu: 2 }], { label: 'Machines' })`,
  },
  { id: 'sum', source: 'console.log(`hours ${hours.value}, host ${host.value}`)' },
  {
    id: 'rest',
    source:
      'console.log(`who ${who.value}, from ${from.value}, go ${go.value}, rows ${rows.value.map((row) => row.host)}`)',
  },
  { id: 'plot', source: "plot({ x: [1, 2, 3], y: [hours.value, 2, 3] }, { title: { text: 'Load' } })" },
]
const titled = chromiumPath ? 'inputs' : 'inputs (skipped: there is no Chromium; install it or set CHROMIUM)'

describe.skipIf(!chromiumPath)(titled, { timeout: 120_000 }, () => {
  let server: TestServer
  let visits: Visits
  let notebook: string
  beforeAll(async () => {
    server = await startServer()
    visits = await openVisits(server.base)
    const project = await server.client.call('createProject', { body: { name: 'Inputs' } })
    const made = await server.client.call('createNotebook', {
      body: { name: 'Load by hour', project: project.id, cells },
    })
    notebook = made.id
  })
  afterEach(() => visits?.leave())
  afterAll(async () => {
    await visits?.close()
    await server?.close()
  })

  /** A signed-in page. */
  async function open(path: string, options: { width?: number; dark?: boolean } = {}) {
    const visit = await visits.open('/sign-in', { session: null, ...options })
    await visit.page.getByLabel('Token').fill(token)
    await visit.page.getByRole('button', { name: 'Sign in' }).click()
    await visit.page.waitForURL(`${server.base}/`)
    await visit.page.goto(server.base + path)
    return visit
  }
  const outputOf = (page: Page, cell: string) => page.locator(`[data-cell="${cell}"] .outputs`)
  const says = (page: Page, cell: string, text: string) =>
    outputOf(page, cell).getByText(text).waitFor({ timeout: 30_000 })

  test('a slider moved by key makes its dependents stale; a second tab and a reload show the value', async () => {
    const { page, errors } = await open(`/notebooks/${notebook}`)
    await page.getByRole('button', { name: 'Run all' }).click()
    await says(page, 'sum', 'hours 24, host web-1')
    const second = await page.context().newPage()
    await second.goto(`${server.base}/notebooks/${notebook}`)
    await second.getByRole('slider', { name: 'Hours' }).waitFor()
    await page.getByRole('slider', { name: 'Hours' }).focus()
    await page.keyboard.press('ArrowRight')
    await page
      .locator('[data-cell="sum"]')
      .getByText(/uses hours/)
      .waitFor()
    await says(page, 'sum', 'hours 24, host web-1')
    await expect
      .poll(() => second.getByRole('slider', { name: 'Hours' }).getAttribute('aria-valuenow'), {
        timeout: 30_000,
      })
      .toBe('25')
    await second
      .locator('[data-cell="sum"]')
      .getByText(/uses hours/)
      .waitFor()
    await page.reload()
    await page.getByRole('slider', { name: 'Hours' }).waitFor()
    expect(await page.getByRole('slider', { name: 'Hours' }).getAttribute('aria-valuenow')).toBe('25')
    await page.getByRole('button', { name: /^Run stale/ }).click()
    await says(page, 'sum', 'hours 25, host web-1')
    expect(errors).toEqual([])
  })

  test('with auto-run a change runs what depends on it: by mouse, every kind of input', async () => {
    const { page, errors } = await open(`/notebooks/${notebook}`)
    await page.getByRole('button', { name: 'Run all' }).click()
    await says(page, 'rest', 'who , from 2024-02-28')
    await page.getByRole('switch', { name: /auto/i }).click({ force: true })
    const track = (await page.locator('.mantine-Slider-track').first().boundingBox())!
    await page.mouse.move(track.x + 10, track.y + track.height / 2)
    await page.mouse.down()
    for (let at = 10; at <= track.width; at += track.width / 20)
      await page.mouse.move(track.x + at, track.y + track.height / 2)
    await page.mouse.move(track.x + track.width, track.y + track.height / 2)
    await page.mouse.up()
    await says(page, 'sum', 'hours 48, host web-1')
    await page
      .getByRole('combobox', { name: 'Host' })
      .or(page.getByRole('textbox', { name: 'Host' }))
      .first()
      .click()
    await page.getByRole('option', { name: 'web-2' }).click()
    await says(page, 'sum', 'hours 48, host web-2')
    await page.getByLabel('Who').fill('Ada')
    await page.getByLabel('Who').press('Enter')
    await page.getByRole('button', { name: 'Go', exact: true }).click()
    await page.getByLabel('Select row 2').click()
    await page.getByLabel('From').fill('2024-02-29')
    await says(page, 'rest', 'who Ada, from 2024-02-29, go 1, rows b')
    await page.getByRole('switch', { name: /auto/i }).click({ force: true })
    expect(errors).toEqual([])
  })

  test('the figure beside a slider can be typed, and is held within the bounds', async () => {
    // a run while one types would put another slider in the place of this one
    const { client } = server
    const { cells } = await client.call('getNotebook', { params: { id: notebook } })
    const kernel = await client.call('openKernel', { params: { id: notebook } })
    for (const { id, source } of cells.filter(({ type }) => type === 'typescript'))
      await client.call('execute', {
        params: { id: kernel.id },
        query: { wait: 30 },
        body: { cell: id, source },
      })
    const { page, errors } = await open(`/notebooks/${notebook}`)
    const figure = page.getByLabel('Hours, as a number')
    await figure.fill('7')
    await expect
      .poll(() => page.getByRole('slider', { name: 'Hours' }).getAttribute('aria-valuenow'), {
        timeout: 30_000,
      })
      .toBe('7')
    await figure.fill('700')
    await figure.blur()
    await expect.poll(() => figure.inputValue(), { timeout: 30_000 }).toBe('48')
    expect(errors).toEqual([])
  })

  test('an app is made, shared, used by link without an account, and revoked', async () => {
    const { page, errors } = await open(`/notebooks/${notebook}`)
    await page.getByRole('link', { name: 'App', exact: true }).click()
    // The notebook has this heading too: the address changes with the page.
    await page.waitForURL(/\/app$/)
    await page.getByRole('heading', { name: 'How it was' }).waitFor()
    expect(await page.locator('.monaco-editor, pre code').count()).toBe(0)
    await page.getByRole('button', { name: 'Share' }).click()
    await page.getByLabel('For whom').fill('operations')
    await page.getByRole('button', { name: 'Make a link' }).click()
    const link = (await page.locator('.code-block pre').textContent())!
    expect(link).toMatch(/\/shared\/shr_[\w-]+#[\w-]{32}$/)

    const viewer = await visits.open(link.replace(server.base, ''), { session: null, width: 390 })
    await viewer.page.getByRole('heading', { name: 'Load by hour' }).waitFor()
    await viewer.page.getByText('Press Run to see the results.').waitFor()
    await viewer.page.keyboard.press('Control+Enter')
    await says(viewer.page, 'sum', 'hours 24, host web-1')
    await viewer.page.getByRole('slider', { name: 'Hours' }).focus()
    await viewer.page.keyboard.press('ArrowLeft')
    await says(viewer.page, 'sum', 'hours 23, host web-1')
    const over = await viewer.page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    expect(over).toBeLessThanOrEqual(0)
    await viewer.page.reload()
    await says(viewer.page, 'sum', 'hours 23, host web-1')
    expect(viewer.errors).toEqual([])

    await page.getByRole('button', { name: 'Revoke operations' }).click()
    await page.getByRole('button', { name: 'Revoke the link' }).click()
    await viewer.page.getByText('This app is not open').waitFor()
    expect(errors).toEqual([])
  })

  test.each([false, true])('inputs and app have no serious fault of access, dark: %s', async (dark) => {
    const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
    const { page } = await open(`/notebooks/${notebook}/app`, { dark })
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await says(page, 'rest', 'who ')
    await page.addScriptTag({ path: axe })
    const found = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as {
        axe: {
          run: (
            where: string,
          ) => Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>
        }
      }
      const { violations } = await axe.run('#page')
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => [id, nodes.slice(0, 3).map(({ html }) => html.slice(0, 200))])
    })
    expect(found).toEqual([])
  })
})
