/** A served workspace with one notebook in which there is something of everything, for tests that look at all of it. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { openVisits, type Visit, type Visits } from '../pages/browser.ts'
import { startServer, type TestServer, token } from '../server.ts'

const cells = [
  {
    id: 'head',
    type: 'markdown' as const,
    source: '# Load\n\nBy **hour**, with $e^{i\\pi}$ and\n\n| a | b |\n|---|---|\n| 1 | 2 |',
  },
  {
    id: 'parameters',
    source:
      "const given = parameters({ hours: { type: 'number', min: 1, max: 48, default: 24, description: 'How far back' } })",
  },
  { id: 'hours', source: "const hours = ui.slider('Hours', { min: 1, max: 48, value: 24 })" },
  {
    id: 'table',
    source: 'const rows = Array.from({ length: 300 }, (_, i) => ({ host: `web-${i % 3}`, cpu: i }))\nrows',
  },
  {
    id: 'plot',
    source: "plot({ x: [1, 2, 3], y: [hours.value, 2, 3], name: 'cpu' }, { title: { text: 'Load' } })",
  },
  { id: 'query', type: 'sql' as const, source: 'select 1 as one, 2 as two' },
  { id: 'log', source: "console.log(Array.from({ length: 90 }, (_, i) => `line ${i}`).join('\\n'))" },
  { id: 'fault', source: "throw new Error('the machine is too hot')" },
]

export interface Rooms {
  server: () => TestServer
  project: () => string
  notebook: () => string
  open: (path: string, options?: { width?: number; dark?: boolean; member?: boolean }) => Promise<Visit>
  /** Everything has run. */
  run: (page: Page) => Promise<void>
}
export function useRooms(): Rooms {
  let server: TestServer
  let visits: Visits
  let project: string
  let notebook: string
  beforeAll(async () => {
    server = await startServer()
    visits = await openVisits(server.base)
    project = (await server.client.call('createProject', { body: { name: 'Machines' } })).id
    const make = (name: string, list: typeof cells) =>
      server.client.call('createNotebook', { body: { name, project, cells: list } })
    const made = await make('Load by hour', cells)
    notebook = made.id
    await server.client.call('createNotebookVersion', {
      params: { id: notebook },
      body: { message: 'the first' },
    })
    await server.client.call('updateNotebook', {
      params: { id: notebook },
      body: {
        cells: made.cells.map((cell) =>
          cell.id === 'head' ? { ...cell, source: `${cell.source}\n\nMore.` } : cell,
        ),
      },
      revision: (await server.client.call('getNotebook', { params: { id: notebook } })).revision,
    })
    const old = await make('Of last year', cells.slice(0, 1))
    await server.client.call('deleteNotebook', { params: { id: old.id } })
  })
  afterEach(() => visits?.leave())
  afterAll(async () => {
    await visits?.close()
    await server?.close()
  })
  return {
    server: () => server,
    project: () => project,
    notebook: () => notebook,
    async open(path, { member = true, ...options } = {}) {
      if (!member) return visits.open(path, { session: null, ...options })
      const visit = await visits.open('/sign-in', { session: null, ...options })
      await visit.page.getByLabel('Token').fill(token)
      await visit.page.getByRole('button', { name: 'Sign in' }).click()
      await visit.page.waitForURL(`${server.base}/`)
      await visit.page.goto(server.base + path)
      return visit
    },
    async run(page) {
      await page.getByRole('button', { name: 'Run all' }).click()
      // Far cells are without their outputs, and a figure is drawn once it is seen.
      await page.locator('[data-cell="fault"][data-state="error"]').waitFor({ state: 'attached' })
      await page.locator('[data-cell="plot"]').scrollIntoViewIfNeeded()
      // at once: the output may be drawn anew while one waits for it to stand still
      await page
        .locator('[data-cell="plot"] .rich')
        .evaluate((node) => node.scrollIntoView({ block: 'center' }))
      await page.frameLocator('iframe[title^="Figures"]').locator('.js-plotly-plot').first().waitFor()
    },
  }
}
