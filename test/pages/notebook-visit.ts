/** What the tests of the notebook page share: the served pages, a browser, and the ways to reach a cell. */
import type { Locator, Page } from 'playwright-core'
import type { Visit } from './browser.ts'
import { useVisits } from './use-visits.ts'

export interface NotebookVisits {
  /** A notebook of its own with these sources; waits for the first editor. */
  open(sources: (string | CellSource)[], options?: { width?: number; dark?: boolean }): Promise<NotebookVisit>
}
export type CellSource = { type: 'typescript' | 'sql' | 'markdown'; source: string }
export interface NotebookVisit extends Visit {
  id: string
  /** By number, from 1. */
  cell: (number: number) => Locator
  /** The sources as the server has them. */
  stored: () => Promise<string[]>
  /** Changes the cells as somebody else would. */
  change: (change: (cells: { id: string; type: string; source: string }[]) => unknown[]) => Promise<void>
}

export function useNotebooks(): NotebookVisits {
  const visits = useVisits()
  const call = async (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers)
    headers.set('content-type', 'application/json')
    headers.set('x-suricate', '1')
    headers.set('cookie', 'suricate_session=s')
    const answer = await fetch(`${visits.url}/api/v1${path}`, { ...init, headers })
    return (await answer.json()) as {
      id: string
      revision: number
      cells: { id: string; type: string; source: string }[]
    }
  }
  return {
    async open(sources, options = {}) {
      const { id, revision } = await call('/notebooks', {
        method: 'POST',
        body: JSON.stringify({
          name: `test ${crypto.randomUUID()}`,
          project: 'project-machine',
          kind: 'analytics',
        }),
      })
      const cells = sources.map((one, index) => ({
        id: `c${index + 1}`,
        type: 'typescript',
        ...(typeof one === 'string' ? { source: one } : one),
      }))
      const patch = (list: unknown[], known: number) =>
        call(`/notebooks/${id}`, {
          method: 'PATCH',
          headers: { 'if-match': `"${known}"` },
          body: JSON.stringify({ cells: list }),
        })
      await patch(cells, revision)
      const visit = await visits.open(`/notebooks/${id}`, options)
      const { page } = visit
      await page.locator('.cell-editor[data-ready], .plain-editor').first().waitFor()
      return {
        ...visit,
        id,
        cell: (number) => page.getByRole('region', { name: new RegExp(`^Cell ${number},`) }),
        stored: async () => (await call(`/notebooks/${id}`)).cells.map((one) => one.source),
        async change(change) {
          const now = await call(`/notebooks/${id}`)
          await patch(change(now.cells), now.revision)
        },
      }
    },
  }
}

/** Selects a cell as a whole, as a click on its number does. */
export async function choose(cell: Locator): Promise<void> {
  await cell.locator('.cell-number').click()
}
/** Writes at the end of a cell. */
export async function write(page: Page, cell: Locator, text: string): Promise<void> {
  await choose(cell)
  await page.keyboard.press('Enter')
  await cell.locator('.monaco-editor.focused').waitFor()
  await page.keyboard.press('Control+End')
  await page.keyboard.insertText(text)
}
