/** From an action that fired to a notebook at its instant: run again, changed, run again; on the page, by key and mouse. */
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { chromiumPath } from '../pages/browser.ts'
import { until } from '../server.ts'
import { findFaults } from './axe.ts'
import { useRooms } from './rooms.ts'

const titled = chromiumPath
  ? 'the instant of an action'
  : 'the instant of an action (skipped: there is no Chromium)'
const source = `await streams.on('load', { by: 'host' }, async ({ key, message }, state) => {
  state.sum = (state.sum ?? 0) + message.body.v * Math.random()
  if (message.body.v > 5) await act.alert('High on ' + key, { details: { sum: state.sum } })
})`

describe.skipIf(!chromiumPath)(titled, { timeout: 120_000 }, () => {
  const rooms = useRooms()

  async function fire(): Promise<string> {
    const { client } = rooms.server()
    const stream = await client.call('createStream', { body: { name: 'load', source: { type: 'http' } } })
    const guard = await client.call('createNotebook', {
      body: { name: 'Guard', project: rooms.project(), kind: 'processing', cells: [{ id: 'c', source }] },
    })
    const deployment = await client.call('createDeployment', { body: { notebook: guard.id } })
    const of = { params: { id: deployment.id } }
    await until(async () => (await client.call('getDeployment', of)).state === 'running', 20_000, 'running')
    const raw = JSON.stringify([
      { host: 'a', v: 3 },
      { host: 'a', v: 9 },
    ])
    await client.call('pushMessages', { params: { id: stream.id }, raw })
    const { id } = await until(
      async () => (await client.call('findActions', { query: { deployment: deployment.id } })).items[0],
      20_000,
      'the action',
    )
    return id
  }
  async function runOnce(page: Page, verdict: string, count: number): Promise<void> {
    await page.getByRole('button', { name: 'Run the notebook' }).press('Enter')
    await expect.poll(() => page.getByText(verdict).count(), { timeout: 30_000 }).toBe(count)
  }

  test('opens as a notebook, fires as it did, and would not where the code is changed', async () => {
    const action = await fire()
    const { page, errors } = await rooms.open(`/actions/${action}`)
    await page.getByRole('button', { name: 'Open as a notebook' }).press('Enter')
    await page.waitForURL(/\/notebooks\//)
    await page.getByText('At the instant of an action').first().waitFor()
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.getByText('The instant it fired').waitFor()
    await runOnce(page, 'fires as it did', 1)
    expect(await findFaults(page)).toEqual([])
    await page.screenshot({ path: 'build/instant.png', fullPage: true })

    // step: what the handler was given is there, in a kernel
    await page.getByRole('button', { name: 'Run all' }).click()
    await page.getByRole('group', { name: 'Outputs' }).last().getByText('High on a').first().waitFor()

    const editor = page.locator('[data-cell="c"] .monaco-editor').first()
    await editor.click()
    await page.keyboard.press('Control+Home')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Home')
    await page.keyboard.type('// ')
    await runOnce(page, 'would not fire', 1)

    // a backtest from there, as it was answered then
    await page.getByText('A stretch of the stream').click()
    await page.getByLabel('From', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Run the notebook' }).press('Enter')
    await expect
      .poll(() => page.locator('.versions li').filter({ hasText: 'succeeded' }).count(), { timeout: 30_000 })
      .toBe(3)
    expect(errors).toEqual([])
  })
})
