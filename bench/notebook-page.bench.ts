/**
 * The page of a large notebook in Chromium: 200 cells of which 50 are figures, all run. How long it takes from the
 * address to the first editor and figure with an empty cache; what its renderers keep for themselves then and after
 * all was scrolled through (RssAnon, what Chromium's own task manager calls the footprint; the frame of the outputs
 * included); and by Chromium's tracing the
 * longest task of any renderer's main thread and the longest pause between two drawn frames while one scrolls through
 * all of it and types.
 */
import { readFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import type { Browser, CDPSession, Page } from 'playwright-core'
import { chromiumPath, openVisits } from '../test/pages/browser.ts'
import { startServer, type TestServer, token } from '../test/server.ts'
import { quantile, tell } from './peers.ts'

const limits = { openMs: 2000, rendererMb: 300, frameMs: 50 }
const rounds = 3
const sources = Array.from({ length: 200 }, (_, i) => {
  if (i % 4 === 0)
    return {
      id: `figure${i}`,
      source: `plot({ x: Array.from({ length: 1000 }, (_, i) => i), y: Array.from({ length: 1000 }, (_, i) => Math.sin(i / ${i + 5})) }, { title: { text: 'Figure ${i}' } })`,
    }
  if (i % 4 === 1)
    return {
      id: `text${i}`,
      type: 'markdown' as const,
      source: `## Part ${i}\n\nWhat this part is *about*, in **two** lines\nwith \`code\` and a [link](https://example.org).`,
    }
  return {
    id: `code${i}`,
    source: `const value${i} = Array.from({ length: ${i} }, (_, n) => n * ${i})\nconst sum${i} = value${i}.reduce((a, b) => a + b, 0)\nconsole.log('sum', sum${i})`,
  }
})

async function makeNotebook(server: TestServer): Promise<string> {
  const { client } = server
  const project = await client.call('createProject', { body: { name: 'Large' } })
  const body = { name: 'Large', project: project.id, cells: sources }
  const { id, cells } = await client.call('createNotebook', { body })
  const kernel = await client.call('openKernel', { params: { id } })
  for (const cell of cells)
    if (cell.type !== 'markdown') {
      const given = { source: cell.source, cell: cell.id }
      const done = await client.call('execute', {
        params: { id: kernel.id },
        query: { wait: 30 },
        body: given,
      })
      if (done.state !== 'ok') throw new Error(JSON.stringify(done.error))
    }
  return id
}

interface TraceEvent {
  name: string
  ph: string
  ts: number
  dur?: number
  /** On the processor: what of `dur` no other process of the machine took. */
  tdur?: number
  pid: number
  tid: number
  args: { name?: string }
}
async function trace(browser: Browser, work: () => Promise<void>): Promise<TraceEvent[]> {
  const session = await browser.newBrowserCDPSession()
  const events: TraceEvent[] = []
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])))
  const ended = new Promise<void>((done) => session.once('Tracing.tracingComplete', () => done()))
  const includedCategories = ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline.frame']
  await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories } })
  await work()
  await session.send('Tracing.end')
  await ended
  await session.detach()
  return events
}
/** Milliseconds; `cpu`: the longest task by its time on the processor. */
interface Judged {
  task: number
  cpu: number
  frame: number
}
function judge(events: TraceEvent[]): Judged {
  const mains = new Set(
    events
      .filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  )
  const tasks = events.filter(({ name, pid, tid }) => name.endsWith('RunTask') && mains.has(`${pid} ${tid}`))
  const drawn = Map.groupBy(
    events.filter(({ name }) => name === 'DrawFrame'),
    ({ pid }) => pid,
  )
  const busiest = [...drawn.values()].toSorted((a, b) => b.length - a.length)[0] ?? []
  const times = busiest.map(({ ts }) => ts / 1000).toSorted((a, b) => a - b)
  const pauses = times.slice(1).map((at, i) => at - times[i]!)
  if (tasks.length === 0 || pauses.length === 0) throw new Error('The trace holds no tasks or no frames.')
  const longest = (list: number[]): number => list.reduce((most, one) => Math.max(most, one), 0)
  return {
    task: longest(tasks.map(({ dur = 0 }) => dur / 1000)),
    cpu: longest(tasks.map(({ tdur = 0 }) => tdur / 1000)),
    frame: longest(pauses),
  }
}

function toWords({ task, cpu, frame }: Judged): string {
  return `task ${task.toFixed(0)} ms (${cpu.toFixed(0)} on the processor), frame ${frame.toFixed(0)} ms`
}

async function toFootprint(session: CDPSession): Promise<number> {
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  // Chromium draws its own surface in one more, which is no page's.
  const renderers = processInfo.filter(
    ({ type, id }) =>
      type === 'renderer' && !readFileSync(`/proc/${id}/cmdline`, 'utf8').includes('--top-chrome-webui'),
  )
  const kilobytes = renderers.map(({ id }) =>
    Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1] ?? Number.NaN),
  )
  return kilobytes.reduce((sum, one) => sum + one, 0) / 1024
}

/** One figure in sight is drawn, and the first cell of code can be written in. */
async function waitFor(page: Page): Promise<void> {
  await Promise.all([
    page.locator('.cell-editor[data-ready]').first().waitFor(),
    page.frameLocator('iframe[title^="Figures"]').locator('.js-plotly-plot .scatterlayer').first().waitFor(),
  ])
}
async function scroll(page: Page): Promise<void> {
  await page.mouse.move(700, 500)
  for (let at = -1; ;) {
    for (let i = 0; i < 8; i++) {
      await page.mouse.wheel(0, 120)
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)))
    }
    const now = await page.evaluate(() => scrollY)
    if (now === at) return
    at = now
  }
}
async function type(page: Page): Promise<void> {
  const last = page.locator('.cell').last()
  await last.locator('.cell-number').click()
  await page.keyboard.press('Enter')
  await last.locator('.monaco-editor.focused').waitFor()
  await page.keyboard.press('Control+End')
  await page.keyboard.type('\nconst more = sum199 + 1 // and so on, for a line or two', { delay: 40 })
}

if (!chromiumPath) console.log('No figures: there is no Chromium; install it or set CHROMIUM.')
else {
  console.log(`load before: ${loadavg()[0]!.toFixed(2)}`)
  const server = await startServer()
  const visits = await openVisits(server.base)
  try {
    const id = await makeNotebook(server)
    const opened: number[] = []
    const footprints: number[] = []
    const later: number[] = []
    const scrolled: Judged[] = []
    const typed: Judged[] = []
    for (let round = 0; round <= rounds; round++) {
      const { page } = await visits.open('/sign-in', { session: null })
      const browser = page.context().browser()!
      await page.getByLabel('Token').fill(token)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.waitForURL(`${server.base}/`)
      // the next page starts with nothing of this one
      const other = await page.context().newPage()
      await page.close()
      const cache = await other.context().newCDPSession(other)
      await cache.send('Network.clearBrowserCache')
      const begin = performance.now()
      await other.goto(`${server.base}/notebooks/${id}`, { waitUntil: 'commit' })
      await waitFor(other)
      const ms = performance.now() - begin
      const first = await toFootprint(await browser.newBrowserCDPSession())
      const scrolling = judge(await trace(browser, () => scroll(other)))
      const typing = judge(await trace(browser, () => type(other)))
      const footprint = await toFootprint(await browser.newBrowserCDPSession())
      await visits.leave()
      const words = [
        `open ${ms.toFixed(0)} ms`,
        `${first.toFixed(0)} MB, scrolled through ${footprint.toFixed(0)} MB`,
        `scrolling: ${toWords(scrolling)}`,
        `typing: ${toWords(typing)}`,
        `load ${loadavg()[0]!.toFixed(1)}`,
      ]
      console.log(`round ${round}: ${words.join('; ')}`)
      // the first is for the server's and Chromium's own first time
      if (round === 0) continue
      opened.push(ms)
      footprints.push(first)
      later.push(footprint)
      scrolled.push(scrolling)
      typed.push(typing)
    }
    const middle = (list: number[]) => quantile(list, 0.5)
    tell('200 cells, 50 figures: open', middle(opened), 'ms', 'limit', limits.openMs)
    tell('its renderers when it is open', middle(footprints), 'MB', 'limit', limits.rendererMb)
    tell('its renderers scrolled through', middle(later), 'MB', 'limit', limits.rendererMb)
    for (const [name, list] of [
      ['scrolling', scrolled],
      ['typing', typed],
    ] as const) {
      const { frameMs } = limits
      tell(
        `${name}: longest task of a main thread`,
        middle(list.map(({ task }) => task)),
        'ms',
        'limit',
        frameMs,
      )
      tell(
        `${name}: longest task by processor time`,
        middle(list.map(({ cpu }) => cpu)),
        'ms',
        'limit',
        frameMs,
      )
      tell(
        `${name}: longest time from frame to frame`,
        middle(list.map(({ frame }) => frame)),
        'ms',
        'limit',
        frameMs,
      )
    }
    console.log(`load after: ${loadavg()[0]!.toFixed(2)}`)
  } finally {
    await visits.close()
    await server.close()
  }
}
