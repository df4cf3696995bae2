import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Cell } from '../../runtime/api/notebooks.ts'
import type { Output } from '../../runtime/api/runs.ts'
import { toHtml } from '../../runtime/notebook/html.ts'
import { chromiumPath } from '../pages/browser.ts'
import { errorMime, plotlyMime, tableMime } from '../../runtime/notebook/output.ts'

let browser: Browser | undefined
let folder: string
beforeAll(async () => {
  if (chromiumPath) browser = await chromium.launch({ executablePath: chromiumPath!, args: ['--no-sandbox'] })
  folder = mkdtempSync(join(tmpdir(), 'suricate-html-'))
})
afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
})

const attack =
  '<script>top.hurt=1;parent.hurt=1</script><img src=x onerror="parent.hurt=1"><a href="javascript:parent.hurt=1">x</a>'
const picture =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const cells: Cell[] = [
  {
    id: 'text',
    type: 'markdown',
    source: `# Title\n\n${attack}\n\n[bad](javascript:hurt=1) $x^2$\n\n![dot](attachment:dot.png) ![web](https://example.com/a.png)`,
    metadata: { suricate: { attachments: { 'dot.png': { 'image/png': picture } } } },
  },
  { id: 'code', type: 'typescript', source: `const a = '</script>${attack}'` },
  { id: 'hidden', type: 'sql', source: 'select secret', view: { codeHidden: true } },
]
let seq = 0
const output = (kind: Output['kind'], data: Output['data']): Output => ({
  seq: ++seq,
  cell: 'code',
  kind,
  data,
  at: 0,
})
const outputs = [
  output('stdout', { 'text/plain': `\u001b[31mred\u001b[0m ${attack}` }),
  output('display', { 'text/html': `<b>rich</b><p style="height:300px">${attack}` }),
  output('display', {
    'image/svg+xml': `<svg onload="parent.hurt=1" width="9" height="9"><script>parent.hurt=1</script></svg>`,
  }),
  output('display', { 'text/markdown': `**bold** ${attack}` }),
  output('display', { 'image/png': picture }),
  output('display', { 'image/png': `x" onerror="hurt=1`, 'text/plain': 'no picture' }),
  output('display', { 'application/javascript': 'hurt=1', 'text/plain': 'script' }),
  output('display', { [tableMime]: { names: ['<b>'], types: {}, length: 1, rows: [{ '<b>': attack }] } }),
  output('error', { [errorMime]: { name: 'Error', message: attack }, 'text/plain': 'x' }),
]
const figure = output('display', {
  [plotlyMime]: { data: [{ y: [1, 2] }], layout: { title: { text: `</script>${attack}` } } },
})

async function show(
  list: Output[],
  plotly: () => Promise<string>,
): Promise<{ page: Page; text: string; asked: () => string[]; faults: string[] }> {
  const text = await toHtml({ name: 'N <x>', cells, outputs: list, nonce: 'abc123', plotly })
  const path = join(folder, `${list.length}.html`)
  writeFileSync(path, text)
  const page = await browser!.newPage()
  const asked: string[] = []
  const faults: string[] = []
  page.on('requestfinished', (request) => asked.push(request.url()))
  page.on('requestfailed', (request) => {
    if (request.failure()?.errorText !== 'csp') asked.push(`${request.failure()?.errorText} ${request.url()}`)
  })
  page.on('pageerror', (error) => faults.push(String(error)))
  await page.goto(pathToFileURL(path).href)
  return { page, text, asked: () => asked.filter((url) => !/^(data|about|blob):/.test(url)), faults }
}
const hurt = (page: Page) => page.evaluate(() => (globalThis as { hurt?: number }).hurt)

describe.skipIf(!chromiumPath)('toHtml', () => {
  test('opens from a file with text, code and outputs; no script of theirs executes, nothing is loaded', async () => {
    const { page, text, asked, faults } = await show(outputs, () =>
      Promise.reject(new Error('not asked for')),
    )
    expect(faults).toEqual([])
    expect(await page.title()).toBe('N <x>')
    expect(await page.locator('section.markdown h1').textContent()).toBe('Title')
    expect(await page.locator('math').count()).toBeGreaterThan(0)
    expect(await page.locator('section.markdown img').count()).toBe(1)
    expect(await page.locator('pre.code .hljs-keyword').first().textContent()).toBe('const')
    expect(text).not.toContain('select secret')
    expect(await page.locator('.outputs > img').count()).toBe(1)
    expect(await page.locator('.outputs .table td').textContent()).toContain('<script>')
    const rich = page.locator('iframe').first()
    await expect.poll(async () => (await rich.boundingBox())?.height ?? 0).toBeGreaterThan(250)
    for (const link of await page.locator('a').all())
      expect(await link.getAttribute('href')).not.toMatch(/^javascript/i)
    await page.frames()[1]!.locator('a').click()
    expect(await hurt(page)).toBeUndefined()
    expect(asked()).toEqual([page.url()])
    await page.close()
  })
  test('has Plotly where there is a figure, which draws', async () => {
    const plotly = () =>
      Promise.resolve(readFileSync('node_modules/plotly.js-dist-min/plotly.min.js', 'utf8'))
    const { page, asked, faults } = await show([...outputs, figure], plotly)
    await page.locator('#figure-0 svg.main-svg').first().waitFor()
    await page.locator('#figure-0').hover()
    expect(await hurt(page)).toBeUndefined()
    expect(faults).toEqual([])
    expect(asked()).toEqual([page.url()])
    await page.close()
  })
})
