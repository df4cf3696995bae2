/** Three collectors publish this machine's counters to a real broker; the page Probe shows them within two seconds. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { brokerMissing, openBroker, type Broker } from '../broker.ts'
import { chromiumPath, openVisits, type Visits } from '../pages/browser.ts'
import { startServer, type TestServer, token, until } from '../server.ts'
import { findFaults } from './axe.ts'

const missing = brokerMissing || !chromiumPath
if (missing) console.warn('SKIPPED: RabbitMQ or Chromium is not installed')
let broker: Broker
let server: TestServer
let visits: Visits
const collectors: { child: ChildProcess; said: () => string }[] = []
const pictures = 'build/probe'

function collect(name: string, ...args: string[]): void {
  const child = spawn(
    process.execPath,
    ['cli/suricate.ts', 'collect', '--name', name, '--amqp', 'env', ...args],
    {
      env: {
        ...process.env,
        SURICATE_URL: server.base,
        SURICATE_TOKEN: token,
        SURICATE_AMQP_URL: broker.url(),
        SURICATE_BPFTRACE: resolve('test/cli/fake-bpftrace.mjs'),
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  let text = ''
  child.stderr.on('data', (part: Buffer) => (text += part.toString()))
  collectors.push({ child, said: () => text })
}
const ages = (page: Page, count: number): Promise<number[]> =>
  page.evaluate(
    (wanted) =>
      new Promise<number[]>((done) => {
        const found: number[] = []
        let last = document.querySelector('[data-at]')?.getAttribute('data-at')
        const look = (): void => {
          const at = document.querySelector('[data-at]')?.getAttribute('data-at')
          if (at && at !== last) found.push(Date.now() - Number(at))
          last = at
          if (found.length >= wanted) done(found)
          else requestAnimationFrame(look)
        }
        look()
      }),
    count,
  )
async function choose(page: Page, name: string): Promise<void> {
  await page.getByRole('combobox', { name: 'Collector' }).click()
  await page.getByRole('option', { name: new RegExp(`^${name}`) }).click()
}

beforeAll(async () => {
  if (missing) return
  mkdirSync(pictures, { recursive: true })
  broker = await openBroker()
  server = await startServer()
  visits = await openVisits(server.base)
  await server.client.call('putEgress', { body: { allow: [`127.0.0.1:${broker.port}`] } })
}, 120_000)
afterAll(async () => {
  for (const { child } of collectors) child.kill('SIGTERM')
  await visits?.close()
  await server?.close()
  await broker?.close()
})

test.skipIf(missing)(
  'counters over AMQP of three collectors are on the page within two seconds; scripts run and are cancelled',
  async () => {
    const { page, errors } = await visits.open('/probe', { session: null })
    await page.waitForURL('**/sign-in*')
    await page.getByLabel('Token').fill(token)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'No collector yet' }).waitFor()
    errors.length = 0
    expect(await page.getByText('npx suricate collect').first().textContent()).toContain(server.base)
    await page.getByRole('button', { name: 'Copy the command', exact: true }).waitFor()
    expect(await findFaults(page)).toEqual([])
    await page.screenshot({ path: `${pictures}/empty.png` })

    collect('alpha')
    collect('beta')
    collect('gamma', '--scripts')
    const told = () => collectors.map(({ said }) => said()).join('\n')
    await until(
      async () =>
        (await server.client.call('findCollectors', {})).items.filter((one) => one.connected).length === 3,
      30_000,
      () => `three collectors: ${told()}`,
    )
    await page.getByRole('table', { name: 'Resources' }).waitFor()
    for (const name of ['alpha', 'beta', 'gamma']) {
      await choose(page, name)
      await page.getByRole('table', { name: 'Resources' }).getByText('CPU').first().waitFor()
      const measured = await ages(page, 4)
      console.log(`${name}: reading to page, ms: ${measured.join(', ')}`)
      expect(Math.max(...measured)).toBeLessThan(2000)
    }
    const { items: streams } = await server.client.call('findStreams', {})
    const { items } = await server.client.call('findMessages', {
      params: { id: streams[0]!.id },
      query: { limit: 100 },
    })
    expect([streams.length, streams[0]!.source.type, new Set(items.map(({ key }) => key)).size]).toEqual([
      1,
      'amqp',
      3,
    ])

    // Every figure, and the table behind it.
    await page
      .getByRole('figure', { name: /^CPU by process/ })
      .locator('.slice')
      .first()
      .waitFor()
    await page
      .getByRole('figure', { name: /powers of two/ })
      .locator('.hm')
      .first()
      .waitFor()
    await page.getByRole('group', { name: 'Dependency graph of processes' }).locator('g').first().waitFor()
    await page.screenshot({ path: `${pictures}/counters.png`, fullPage: true })
    for (const button of await page.getByRole('button', { name: 'Show as table' }).all()) await button.focus()
    for (let left = 3; left > 0; left--)
      await page.getByRole('button', { name: 'Show as table' }).first().press('Enter')
    for (const name of ['CPU by process', 'Who talks to whom'])
      await page.getByRole('table', { name }).waitFor()
    expect(await findFaults(page)).toEqual([])
    for (let left = 3; left > 0; left--)
      await page.getByRole('button', { name: 'Show as chart' }).first().click()

    // A hidden page asks for nothing; seen again, it goes on.
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByRole('button', { name: 'Follow the counters' }).click()
    expect((await ages(page, 2)).length).toBe(2)

    // The script: underlined, refused, run, cancelled.
    await page.getByText('bpftrace script', { exact: true }).click()
    await page.locator('.probe-editor[data-ready] .monaco-editor').click()
    await page.keyboard.press('Control+A')
    await page.keyboard.type('kprobe:f { @calls[com] = count(); ', { delay: 5 })
    await page.locator('.squiggly-error').first().waitFor()
    await page.getByRole('list', { name: 'Errors of the script' }).getByText('Is comm meant?').waitFor()
    expect(await page.getByRole('button', { name: 'Run the script' }).isDisabled()).toBe(true)
    await page.screenshot({ path: `${pictures}/errors.png` })
    await page.getByRole('combobox', { name: 'Begin with a sample' }).click()
    await page.getByRole('option', { name: 'Duration of reads by process' }).click()
    await page.getByText('No errors.').waitFor()
    await page.getByRole('button', { name: 'Run the script' }).click()
    await page
      .getByRole('figure', { name: /^@calls by process/ })
      .locator('.slice')
      .first()
      .waitFor()
    await page
      .getByRole('figure', { name: /^@us: node over time/ })
      .locator('.hm')
      .first()
      .waitFor()
    await page.getByRole('img', { name: /^node; to 10\.0\.0\.5/ }).waitFor()
    expect(await findFaults(page)).toEqual([])
    await page.screenshot({ path: `${pictures}/script.png`, fullPage: true })
    await page.getByRole('button', { name: 'Cancel the script' }).click()
    await page.getByText('2 events were lost').waitFor()
    await page.getByRole('button', { name: 'Run the script' }).waitFor()

    // A collector that takes none says how it would.
    await choose(page, 'alpha')
    await page.getByText('takes no scripts. Start it with --scripts:').waitFor()
    await page.getByText('npx suricate collect --scripts').first().waitFor()
    expect(errors).toEqual([])

    await page.getByText('Counters of the machine', { exact: true }).click()
    await page.emulateMedia({ colorScheme: 'dark' })
    await page
      .getByRole('figure', { name: /powers of two/ })
      .locator('.hm')
      .first()
      .waitFor()
    expect(await findFaults(page)).toEqual([])
    await page.screenshot({ path: `${pictures}/dark.png`, fullPage: true })
    await page.setViewportSize({ width: 390, height: 844 })
    await page.getByRole('table', { name: 'Resources' }).waitFor()
    const graph = page.locator('.probe-figures .main-svg').first()
    await expect.poll(async () => (await graph.boundingBox())!.width).toBeLessThan(390)
    await page.screenshot({ path: `${pictures}/narrow.png`, fullPage: true })
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    expect(wide).toBeLessThanOrEqual(0)
    expect(await findFaults(page)).toEqual([])
  },
  240_000,
)
