/** What a person sees of a notebook's kernel: variables, the interactive line, others who are there, and what is lost. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath, openVisits, type Visits } from '../pages/browser.ts'
import { startServer, type TestServer, token } from '../server.ts'

const titled = chromiumPath ? 'a kernel in the browser' : 'a kernel in the browser (skipped: no Chromium)'
describe.skipIf(!chromiumPath)(titled, { timeout: 120_000 }, () => {
  let server: TestServer
  let visits: Visits
  let session: string
  let project: string
  beforeAll(async () => {
    server = await startServer()
    visits = await openVisits(server.base)
    const answer = await fetch(`${server.base}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-suricate': '1' },
      body: JSON.stringify({ token }),
    })
    session = /suricate_session=([^;]+)/.exec(answer.headers.get('set-cookie') ?? '')?.[1] ?? ''
    project = (await server.client.call('createProject', { body: { name: 'Kernels' } })).id
  }, 90_000)
  afterAll(async () => {
    await visits?.close()
    await server?.close()
  })

  const make = async (name: string, cells: string[]) => {
    const specs = cells.map((source, index) => ({ id: `c${index + 1}`, source }))
    return server.client.call('createNotebook', { body: { name, project, cells: specs } })
  }
  const open = async (id: string, page?: Page) => {
    const visit = page ? { page, errors: [] } : await visits.open('/sign-in', { session: null })
    await visit.page
      .context()
      .addCookies([{ name: 'suricate_session', value: session, url: server.base, httpOnly: true }])
    await visit.page.goto(`${server.base}/notebooks/${id}`)
    await visit.page.locator('.cell').first().waitFor()
    return visit
  }
  const runAll = async (page: Page) => {
    await page.getByRole('button', { name: 'Run all' }).click()
    await page.getByRole('status', { name: 'Kernel' }).getByText('kernel ready').waitFor()
  }

  test('variables: type, shape, size and preview, filtered, and the way to the cell', async () => {
    const { id } = await make('variables', [
      'const rows = Array.from({ length: 20 }, (_, i) => ({ i, square: i * i }))',
      'const total = rows.length, name = "suricate"; total',
    ])
    const { page, errors } = await open(id)
    await page.getByRole('button', { name: 'Variables', exact: true }).click()
    const panel = page.getByRole('complementary', { name: 'Variables' })
    await panel.getByText('There is no kernel.').waitFor()
    await runAll(page)
    await panel.getByText('3 variables').waitFor()
    const row = panel.getByRole('row').filter({ hasText: 'rows' })
    expect(await row.innerText()).toMatch(/rows\s+array 20 × 2\s+[\d,.]+ k?B/)
    await row.getByRole('button', { name: 'rows' }).press('Enter')
    await panel.getByText('[{i: 0, square: 0}').waitFor()
    await panel.getByRole('button', { name: 'Go to cell 1' }).click()
    await page.locator('[data-cell="c1"][data-selected]').waitFor()
    await panel.getByRole('textbox', { name: 'Filter' }).fill('string')
    await panel.getByText('1 of 3 variables').waitFor()
    expect(await panel.getByRole('row').filter({ hasText: 'name' }).last().innerText()).toContain(
      '8 characters',
    )
    expect(errors).toEqual([])
  })

  test('console: evaluates beside the notebook, remembers lines, and keeps scratch variables', async () => {
    const { id } = await make('console', ['const base = 40'])
    const { page, errors } = await open(id)
    await runAll(page)
    await page.getByRole('button', { name: 'Console', exact: true }).click()
    const panel = page.getByRole('complementary', { name: 'Console' })
    const line = panel.getByRole('textbox', { name: 'Expression' })
    const list = panel.getByRole('list', { name: 'Evaluated lines' })
    await line.fill('const scratch = base + 2')
    await line.press('Enter')
    await list.getByText('Done, without a value.').waitFor()
    await line.fill('scratch')
    await line.press('Enter')
    await list.getByText('42', { exact: true }).waitFor()
    await line.fill('unfinished')
    await line.press('ArrowUp')
    expect(await line.inputValue()).toBe('scratch')
    await line.press('ArrowUp')
    expect(await line.inputValue()).toBe('const scratch = base + 2')
    await line.press('ArrowDown')
    await line.press('ArrowDown')
    expect(await line.inputValue()).toBe('unfinished')
    await line.fill('throw new RangeError("too much")')
    await line.press('Enter')
    await list.getByText('too much').first().waitFor()
    expect(await page.locator('.cell').count()).toBe(1)
    await page.getByRole('button', { name: 'Variables', exact: true }).click()
    const variables = page.getByRole('complementary', { name: 'Variables' })
    await variables.getByRole('button', { name: 'scratch' }).click()
    await variables.getByText('scratch, of the interactive line').waitFor()
    expect(errors).toEqual([])
  })

  test('two tabs share one kernel and see each other, with the cell, until one leaves', async () => {
    const { id } = await make('shared', ['const a = 1', 'a + 41'])
    const first = await open(id)
    const second = await open(id, await first.page.context().newPage())
    const also = (page: Page) => page.getByRole('list', { name: 'Also here' })
    await also(second.page).getByRole('button', { name: 'owner in another tab' }).waitFor()
    await second.page.getByRole('region', { name: /^Cell 2,/ }).click({ position: { x: 5, y: 5 } })
    await also(first.page).getByRole('button', { name: 'owner in another tab, on cell 2' }).waitFor()
    await runAll(first.page)
    for (const { page } of [first, second])
      await page
        .getByRole('region', { name: /^Cell 2,/ })
        .getByText('42', { exact: true })
        .waitFor()
    expect((await server.client.call('findKernels', { query: { notebook: id } })).items).toHaveLength(1)
    await also(first.page)
      .getByRole('button', { name: /on cell 2/ })
      .press('Enter')
    await first.page.locator('[data-cell="c2"][data-selected]').waitFor()
    await second.page.close()
    await also(first.page).waitFor({ state: 'detached' })
    expect(first.errors).toEqual([])
  })

  test('interrupt, by mouse and by key: what runs ends, what waits is not run, variables stay', async () => {
    const { id } = await make('interrupted', [
      'var kept = 7',
      'await new Promise(() => 0)',
      '1 + 1',
      'kept * 6',
    ])
    const { page, errors } = await open(id)
    const cell = (at: number) => page.locator(`[data-cell="c${at}"]`)
    const interrupt = page.getByRole('button', { name: 'Interrupt', exact: true })
    for (const how of ['mouse', 'key']) {
      await page.getByRole('button', { name: 'Run all' }).click()
      await page.locator('[data-cell="c2"][data-state="running"]').waitFor()
      if (how === 'mouse') await interrupt.click()
      else {
        await cell(1).locator('.cell-number').click()
        await page.keyboard.press('i')
        await page.keyboard.press('i')
      }
      await page.locator('[data-cell="c2"][data-state="error"]').waitFor()
      await cell(2).getByText('The cell was interrupted.').first().waitFor()
      await page.getByRole('status', { name: 'Kernel' }).getByText('kernel ready').waitFor()
      expect(await cell(3).locator('.outputs').getByText('2', { exact: true }).count()).toBe(0)
      await expect.poll(() => interrupt.isDisabled()).toBe(true)
    }
    await cell(4).locator('.cell-number').click()
    await page.keyboard.press('Control+Enter')
    await cell(4).locator('.outputs').getByText('42', { exact: true }).waitFor()
    expect(errors).toEqual([])
  })

  test('restart, by mouse and by key: the variables are gone, outputs stay, the cells are told', async () => {
    const { id } = await make('restarted', ['const a = 41', 'a + 1'])
    const { page, errors } = await open(id)
    const second = page.locator('[data-cell="c2"]')
    const notice = page.getByRole('status').filter({ hasText: 'The kernel’s variables are gone' })
    for (const how of ['mouse', 'key']) {
      await runAll(page)
      await second.locator('.outputs').getByText('42', { exact: true }).waitFor()
      if (how === 'mouse') await page.getByRole('button', { name: 'Restart', exact: true }).click()
      else {
        await second.locator('.cell-number').click()
        await page.keyboard.press('0')
        await page.keyboard.press('0')
      }
      await notice.getByText(/2 cells had run in it and are to be run again/).waitFor()
      await page.getByRole('status', { name: 'Kernel' }).getByText('kernel ready').waitFor()
      await second.locator('.outputs').getByText('42', { exact: true }).waitFor()
      await second.locator('.cell-number').click()
      await page.keyboard.press('Control+Enter')
      await second.getByText('a is not defined').first().waitFor()
    }
    expect(errors).toEqual([])
  })

  test('parameters: the form by key alone, with its bounds and choices, and what a run takes of it', async () => {
    const { id } = await make('parameters', [
      `const given = parameters({
  hours: { type: 'number', min: 1, max: 48, default: 24, description: 'How far back' },
  host: { type: 'text', choices: ['web-1', 'web-2'], default: 'web-1' },
  deep: false,
  name: 'load',
})`,
      'console.log(JSON.stringify(given))',
    ])
    const { page, errors } = await open(id)
    const form = page.getByRole('group', { name: 'Parameters' })
    const said = (text: string) => page.locator('[data-cell="c2"] .outputs').getByText(text).waitFor()
    const hours = form.getByRole('textbox', { name: 'hours' })
    await hours.focus()
    await page.keyboard.press('ArrowUp')
    expect(await hours.inputValue()).toBe('25')
    await page.keyboard.press('Tab')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Space')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Control+A')
    await page.keyboard.type('by key')
    await page.getByRole('button', { name: 'Run all' }).focus()
    await page.keyboard.press('Enter')
    await said('{"hours":25,"host":"web-2","deep":true,"name":"by key"}')
    await hours.focus()
    await page.keyboard.press('Control+A')
    await page.keyboard.type('99')
    await page.keyboard.press('Tab')
    expect(await hours.inputValue()).toBe('48')
    await page.getByRole('button', { name: 'Run all' }).focus()
    await page.keyboard.press('Enter')
    await said('{"hours":48,"host":"web-2","deep":true,"name":"by key"}')
    expect(errors).toEqual([])
  })

  test('a kernel that died says why and which cells are to be run again, also after a reload', async () => {
    const { id } = await make('dies', [
      'const a = 1',
      'const grow = []; while (true) grow.push(new Array(1e6).fill(1))',
    ])
    const { page } = await open(id)
    await page.getByRole('button', { name: 'Run all' }).click()
    const notice = page.getByRole('status').filter({ hasText: 'The kernel’s variables are gone' })
    await notice.getByText(/heap.*2 cells had run in it and are to be run again/s).waitFor()
    await page.reload()
    await notice.getByText('2 cells had run in it').waitFor()
    await notice.getByRole('button', { name: 'Not now' }).click()
    await notice.waitFor({ state: 'detached' })
  })
})
