/** Chromium for the pages' tests. Whatever a page says in its console as an error fails the test that saw it. */
import { existsSync } from 'node:fs'
import { chromium, type Browser, type Page } from 'playwright-core'

const candidates = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]
export const chromiumPath = candidates.find((path) => path !== undefined && existsSync(path))
const args = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export interface Visit {
  page: Page
  /** Errors of the console and of the page so far. */
  errors: string[]
}
export interface Visits {
  /** `session`: s, the full workspace; e, an empty one; null, nobody. */
  open(path: string, options?: { session?: 's' | 'e' | null; width?: number; dark?: boolean }): Promise<Visit>
  /** Leaves every page that is open. */
  leave(): Promise<void>
  close(): Promise<void>
}

export async function openVisits(base: string): Promise<Visits> {
  const browser: Browser = await chromium.launch({ executablePath: chromiumPath!, args })
  return {
    async open(path, { session = 's', width = 1440, dark = false } = {}) {
      const context = await browser.newContext({
        viewport: { width, height: width < 500 ? 844 : 900 },
        colorScheme: dark ? 'dark' : 'light',
      })
      if (session) await context.addCookies([{ name: 'suricate_session', value: session, url: base }])
      const page = await context.newPage()
      page.setDefaultTimeout(30_000)
      const errors: string[] = []
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(`${message.text()} ${message.location().url}`)
      })
      page.on('pageerror', (error) => errors.push(String(error)))
      await page.goto(base + path)
      return { page, errors }
    },
    async leave() {
      await Promise.all(browser.contexts().map((context) => context.close()))
    },
    close: () => browser.close(),
  }
}
