/** What axe-core finds on a page as it is now: the serious and critical faults, each with where it is. */
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const path = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
interface Axe {
  run: (where: object) => Promise<{
    violations: { id: string; impact: string; nodes: { html: string; any: { message: string }[] }[] }[]
  }>
}

export async function findFaults(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.addScriptTag({ path })
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: Axe }
    // what fades in has other colours than what stands there
    await Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {})))
    // The frame has no origin and nothing to press: its figures have their names on the page.
    const { violations } = await axe.run({ exclude: [['.stage-frame']] })
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) =>
        nodes.slice(0, 4).map((node) => `${id}: ${node.html.slice(0, 160)} ${node.any[0]?.message ?? ''}`),
      )
  })
}
