import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { findFaults } from '../browser/axe.ts'
import { chromiumPath } from './browser.ts'
import { useVisits } from './use-visits.ts'

const titled = chromiumPath
  ? 'the pages of streams'
  : 'the pages of streams (skipped: there is no Chromium; install it or set CHROMIUM)'
const path = '/data/streams/stream-live'

/** The newest value of a chart, as it is drawn, and whether it is the one that was marked. */
function seeChart(page: Page, label: string): Promise<{ last: number; marked: boolean }> {
  return page.getByRole('figure', { name: label }).evaluate((node) => {
    const drawn = node as HTMLElement & { data?: { y: number[] }[]; marked?: boolean }
    return { last: drawn.data?.[0]?.y.at(-1) ?? -1, marked: drawn.marked === true }
  })
}

describe.skipIf(!chromiumPath)(titled, { timeout: 120_000 }, () => {
  const pages = useVisits()

  test('a stream: counters, schema with its drift, rollups with their table, retention, and no fault of axe', async () => {
    const { page, errors } = await pages.open(path)
    await page.getByRole('heading', { name: 'machine temperature live', level: 1 }).waitFor()
    const facts = page.locator('.facts').first()
    for (const [term, value] of [
      ['Bytes a second', '132 B/s'],
      ['Queue depth', '1,240'],
      ['Unacknowledged', '500'],
      ['Commit, p50 and p99', '4.2 and 21.5 ms'],
      ['Redelivered', '14'],
      ['Repeats dropped', '3'],
      ['Highest delivery count', '2'],
    ] as const)
      await facts
        .locator('div', { has: page.getByText(term, { exact: true }) })
        .getByText(value)
        .waitFor()
    const fields = page.getByRole('table', { name: 'Fields' })
    await fields.getByRole('row', { name: /^value number 98.7 %, integer 1.21 %/ }).waitFor()
    await fields.getByRole('row', { name: /^host string 89.9 % .*vanished$/ }).waitFor()
    await page
      .getByRole('table', { name: 'Drift of the schema' })
      .getByRole('row', { name: /another type.*now also null/ })
      .waitFor()
    const rollups = page.getByRole('region', { name: 'By minute and hour' })
    await rollups.getByRole('figure', { name: 'Quantiles of value and messages by minute' }).waitFor()
    await rollups.getByText('Hours').click()
    await rollups.getByRole('figure', { name: 'Quantiles of value and messages by hour' }).waitFor()
    await rollups.getByText('As a table').click()
    await expect.poll(() => rollups.getByRole('table', { name: 'Rollups' }).getByRole('row').count()).toBe(61)
    const retention = page.getByRole('region', { name: 'Retention' })
    await retention.getByText('everything is kept').waitFor()
    await retention.getByLabel('Keep at most, MB').fill('0.5')
    await retention.getByText('At least 1 MB').waitFor()
    await retention.getByLabel('Keep at most, MB').fill('')
    await retention.getByLabel('Keep at most, days').fill('30')
    await page.keyboard.press('Enter')
    await retention.getByText('at most 30 days').waitFor()
    await page
      .getByRole('region', { name: 'Used by' })
      .getByRole('link', { name: 'Watch the machine' })
      .waitFor()
    expect(await findFaults(page)).toEqual([])
    expect(errors).toEqual([])
  })

  test('dead letters: a selection and all with a reason are replayed; what fails again says so', async () => {
    const { page, errors } = await pages.open(path)
    const letters = page.getByRole('region', { name: 'Dead letters' })
    const rows = letters.getByRole('table', { name: 'Dead letters' }).getByRole('row')
    await expect.poll(() => rows.count()).toBe(51)
    await letters.getByRole('checkbox', { name: 'Select dead letter 120' }).press('Space')
    await letters.getByRole('checkbox', { name: 'Select dead letter 115' }).check()
    await letters.getByRole('button', { name: 'Replay 2 selected' }).press('Enter')
    const status = letters.getByRole('status', { name: 'Replay' })
    await status.getByText('1 replayed, 1 failed again').waitFor()
    await letters.getByRole('row', { name: /^Select dead letter 115 .*failed again, definition 2/ }).waitFor()
    await expect.poll(() => letters.getByLabel('Select dead letter 120').count()).toBe(0)

    await letters.getByLabel('Filter by reason').fill('event TIME')
    await letters.getByRole('button', { name: 'Replay all with this reason' }).click()
    await status.getByText('99 replayed', { exact: true }).waitFor()
    await letters.getByText('None has “event TIME” in its reason.').waitFor()
    await letters.getByLabel('Not replayed only').uncheck()
    await letters.getByRole('row', { name: /replayed as 9121/ }).waitFor()
    await letters.getByRole('button', { name: 'Older' }).click()
    await letters.getByRole('button', { name: 'Newer' }).click()
    expect(await findFaults(page)).toEqual([])
    expect(errors).toEqual([])
  })

  test('live charts follow the server’s events in place, and stop while the page is hidden', async () => {
    const { page, errors } = await pages.open(path)
    const label = 'Messages a second over the last ten minutes'
    await expect.poll(async () => (await seeChart(page, label)).last, { timeout: 20_000 }).toBeGreaterThan(-1)
    await page.getByRole('figure', { name: label }).evaluate((node) => {
      ;(node as HTMLElement & { marked?: boolean }).marked = true
    })
    const before = await seeChart(page, label)
    await expect
      .poll(async () => (await seeChart(page, label)).last, { timeout: 5000 })
      .toBeGreaterThan(before.last)
    expect((await seeChart(page, label)).marked).toBe(true)

    let asked = 0
    page.on('request', (request) => {
      if (request.url().includes('/api/v1/')) asked++
    })
    const setSeen = (state: 'hidden' | 'visible') =>
      page.evaluate((now) => {
        Object.defineProperty(document, 'visibilityState', { value: now, configurable: true })
        document.dispatchEvent(new Event('visibilitychange'))
      }, state)
    await setSeen('hidden')
    // what was on its way is answered within a moment; then nothing is asked for longer than any live part waits
    await page.waitForTimeout(500)
    asked = 0
    const hidden = await seeChart(page, label)
    await page.waitForTimeout(2000)
    expect([asked, await seeChart(page, label)]).toEqual([0, hidden])
    await setSeen('visible')
    await expect
      .poll(async () => (await seeChart(page, label)).last, { timeout: 5000 })
      .toBeGreaterThan(hidden.last)
    expect(errors).toEqual([])
  })

  test('the dialog: every field has its control, the server’s error stands beside it, a message is tried', async () => {
    const { page, errors } = await pages.open('/data')
    await page.getByRole('button', { name: 'Define a stream' }).click()
    const panel = page.getByRole('dialog', { name: 'Define a stream' })
    const choose = async (label: string, option: string): Promise<void> => {
      await panel
        .getByRole('combobox', { name: label })
        .or(panel.getByLabel(label, { exact: true }))
        .first()
        .click()
      await page.getByRole('option', { name: option, exact: true }).click()
    }
    await panel.getByLabel('Name').fill('orders')
    await panel.getByRole('textbox', { name: 'Queue' }).fill('missing')
    await panel.getByRole('button', { name: 'Make the queue' }).click()
    await panel.getByText('1,240 messages wait, 0 other consumers, quorum queue').waitFor()
    await panel.getByRole('textbox', { name: 'Queue' }).fill('orders')
    await panel.getByLabel('Address').fill('amqps://@@')
    await panel.getByText('The address is none.').waitFor()
    expect(await panel.getByLabel('Address').getAttribute('aria-invalid')).toBe('true')
    await panel.getByLabel('Own certificate authority').fill('-----BEGIN CERTIFICATE-----')
    await panel.getByLabel('Address').fill('amqps://broker/v')
    await panel.getByText('Connected; the queue is there.').waitFor()
    await choose('Format', 'CSV lines')
    await panel.getByLabel('Columns').fill('host, cpu')
    await choose('Between them', 'semicolon')
    await choose('Format', 'Lines that match a pattern')
    await panel.getByLabel('Pattern').fill(String.raw`(?<host>\S+)`)
    await choose('Format', 'JSON, one value')
    await choose('Event time from', 'a header')
    await panel.getByLabel('Event-time header').fill('x-time')
    await choose('Event time from', 'a field')
    await panel.getByLabel('Event-time field').fill('timestamp')
    await choose('Unit', 'ISO 8601')
    await panel.getByLabel('Key field').fill('host')
    await panel.getByLabel('Dedupe field').fill('order')
    await panel.getByLabel('Out of order by, s').fill('2')
    await panel.getByLabel('Keep at most, days').fill('7')
    await panel.getByLabel('At most ahead of arrival, s').fill('')
    const preview = panel.getByRole('status', { name: 'Preview' })
    await panel.getByLabel('Try a message').fill('{"host":"web-1"}')
    await preview.getByText('The message has no event time: field "timestamp" is missing.').waitFor()
    await panel.getByLabel('Try a message').fill('{"timestamp":"2026-01-01T00:00:00Z","host":"web-1"}')
    await preview.getByRole('row', { name: /^2026-01-01 00:00:00 UTC web-1/ }).waitFor()
    expect(await findFaults(page)).toEqual([])
    const sent = page.waitForRequest(
      (request) => request.method() === 'POST' && request.url().endsWith('/streams'),
    )
    await panel.getByRole('button', { name: 'Define the stream' }).press('Enter')
    expect((await sent).postDataJSON()).toEqual({
      name: 'orders',
      source: { type: 'amqp', url: 'amqps://broker/v', ca: '-----BEGIN CERTIFICATE-----', queue: 'orders' },
      format: 'json',
      parse: {},
      eventTime: { path: 'timestamp', unit: 'iso' },
      key: { path: 'host' },
      identity: { path: 'order' },
      outOfOrder: 2000,
      lateness: 0,
      maxFuture: null,
      retention: { ageMs: 604_800_000, bytes: null },
    })
    await page.getByRole('heading', { name: 'orders', level: 1 }).waitFor()
    expect(errors.filter((text) => !text.includes('422'))).toEqual([])
  })

  test('the dialog of a stream that is there says what a change does, and needs one', async () => {
    const { page, errors } = await pages.open(path)
    await page.getByRole('button', { name: 'Change', exact: true }).click()
    const panel = page.getByRole('dialog', { name: 'Change machine temperature live' })
    const save = panel.getByRole('button', { name: 'Save the definition' })
    expect(await save.isDisabled()).toBe(true)
    await panel.getByLabel('Key field').fill('host')
    await panel.getByText(/^Parsing from the next batch on, by key\./).waitFor()
    await save.click()
    await panel.waitFor({ state: 'hidden' })
    await page.getByText('"path": "host"').waitFor()
    expect(errors).toEqual([])
  })

  test('a deployment: what came too late, by how much, a page at a time, with the two ways on', async () => {
    const { page, errors } = await pages.open('/deployments/deployment-1')
    const late = page.getByRole('region', { name: 'Late messages' })
    const rows = late.getByRole('table', { name: 'Late messages' }).getByRole('row')
    await expect.poll(() => rows.count()).toBe(51)
    await late.getByText('117 too late, 13 ahead').waitFor()
    await late.getByRole('row', { name: /^too late 1 min 35 s .*machine temperature live 784/ }).waitFor()
    await late.getByRole('button', { name: 'Older' }).click()
    await late.getByRole('button', { name: 'Older' }).click()
    await expect.poll(() => rows.count()).toBe(31)
    await late.getByRole('button', { name: 'Run over these' }).press('Enter')
    const sent = page.waitForRequest((request) => request.url().endsWith('/notebooks/notebook-watch/runs'))
    await page
      .getByRole('dialog', { name: 'Run Watch the machine v2 over these?' })
      .getByRole('button', { name: 'Run over these' })
      .click()
    const live = Date.UTC(2014, 1, 7)
    expect((await sent).postDataJSON()).toEqual({
      version: 2,
      parameters: {},
      from: live,
      to: live + 28 * 600_000 + 1,
    })
    await page.waitForURL('**/runs/run-*')
    await page.goBack()
    await page
      .getByRole('region', { name: 'Counters' })
      .getByText('Behind the watermark')
      .waitFor({ state: 'detached' })
    await page.getByRole('region', { name: 'Counters' }).getByText('Too late').waitFor()
    await page.getByRole('button', { name: 'Move' }).click()
    await page.getByText('It goes on in another process').waitFor()
    expect(await findFaults(page)).toEqual([])
    await late.getByRole('link', { name: 'The bound that would have taken them' }).click()
    await page.waitForURL('**/data/streams/stream-live#disorder')
    await expect
      .poll(() => page.locator('#disorder').evaluate((node) => node.getBoundingClientRect().top))
      .toBeLessThan(450)
    expect(errors).toEqual([])
  })

  test('narrow and dark: no fault of axe on stream, dialog and deployment, and nothing is wider', async () => {
    const { page, errors } = await pages.open(path, { width: 390, dark: true })
    const found: Record<string, unknown> = {}
    const look = async (name: string): Promise<void> => {
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      found[name] = [over, await findFaults(page)]
    }
    await page.getByRole('table', { name: 'Fields' }).waitFor()
    await page.getByRole('figure', { name: /^Quantiles of value/ }).waitFor()
    await look('stream')
    await page.getByRole('button', { name: 'Change', exact: true }).click()
    await page.getByRole('status', { name: 'Preview' }).getByRole('row').nth(1).waitFor()
    await look('dialog')
    await page.goto(`${pages.url}/deployments/deployment-1`)
    await page.getByRole('table', { name: 'Late messages' }).waitFor()
    await look('deployment')
    expect(found).toEqual({ stream: [0, []], dialog: [0, []], deployment: [0, []] })
    expect(errors).toEqual([])
  })
})
