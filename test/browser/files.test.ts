/** Notebooks in and out as files, on the page: by the button, by the keyboard, by dropping, and what is refused. */
import { readFileSync } from 'node:fs'
import type { Download, Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { chromiumPath } from '../pages/browser.ts'
import { useRooms } from './rooms.ts'

const titled = chromiumPath ? 'files' : 'files (skipped: there is no Chromium; install it or set CHROMIUM)'
const deno = 'test/data/deno.ipynb'

async function textOf(download: Download): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
/** Drops files where the notebooks of the project are listed. */
async function drop(page: Page, files: { name: string; text: string }[]): Promise<void> {
  const data = await page.evaluateHandle((given) => {
    const transfer = new DataTransfer()
    for (const { name, text } of given) transfer.items.add(new File([text], name))
    return transfer
  }, files)
  const area = page.locator('.drop-area')
  await area.dispatchEvent('dragenter', { dataTransfer: data })
  await page.getByText('Drop notebooks to import them').waitFor()
  await area.dispatchEvent('drop', { dataTransfer: data })
}

describe.skipIf(!chromiumPath)(titled, { timeout: 120_000 }, () => {
  const rooms = useRooms()
  const openProject = async () => {
    const visit = await rooms.open(`/projects/${rooms.project()}`)
    await visit.page.getByRole('link', { name: 'Load by hour' }).waitFor()
    return visit
  }

  test('the button takes a file, by key; one file is opened, with its outputs', async () => {
    const { page, errors } = await openProject()
    const chosen = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: 'Import' }).press('Enter')
    const chooser = await chosen
    expect(chooser.isMultiple()).toBe(true)
    await chooser.setFiles(deno)
    await page.waitForURL(/\/notebooks\//)
    await page.getByText('deno is imported').waitFor()
    await page.getByRole('group', { name: 'Outputs' }).first().waitFor()
    expect(errors).toEqual([])
  })

  test('several files are dropped: each becomes a notebook, what is none is refused by name and reason', async () => {
    const { page, errors } = await openProject()
    await drop(page, [
      { name: 'whole.ts', text: '// %%\nconst a = 1\n\n// %%\na + 1\n' },
      { name: 'broken.ipynb', text: '{"cells": [' },
      { name: 'old.ipynb', text: readFileSync('test/data/nbformat/test3.ipynb', 'utf8') },
      { name: 'picture.png', text: '\u0089PNG\r\n' },
    ])
    await page.getByRole('link', { name: 'whole' }).waitFor()
    for (const [name, why] of [
      ['broken.ipynb', /The file is no JSON/],
      ['old.ipynb', /This notebook has nbformat 3; nbformat 4 is read here/],
      ['picture.png', /A file \.png is no notebook/],
    ] as const) {
      const told = page.getByRole('alert').filter({ hasText: `${name} is not imported` })
      await told.getByText(why).first().waitFor()
    }
    expect(await page.getByRole('link', { name: /^(broken|old|picture)/ }).count()).toBe(0)
    await page.getByRole('link', { name: 'whole' }).click()
    await page.getByRole('region', { name: 'Cell 2, TypeScript' }).getByText('a + 1').first().waitFor()
    expect(errors.filter((text) => !/ (415|422) /.test(text))).toEqual([])
  })

  test.each([
    ['.ipynb', 'Load by hour.ipynb', /"nbformat": ?4/],
    ['.ts', 'Load by hour.ts', /^\/\/ %%/m],
    ['.html', 'Load by hour.html', /^<!doctype html>/],
  ])(
    'the notebook is downloaded as %s, by mouse and by key, with what was typed last',
    async (format, name, holds) => {
      const { page, errors } = await rooms.open(`/notebooks/${rooms.notebook()}`)
      await page.locator('.cell-editor[data-ready]').first().waitFor()
      const word = `last ${crypto.randomUUID()}`
      await page.locator('[data-cell="log"] .cell-number').click()
      await page.keyboard.press('Enter')
      await page.locator('[data-cell="log"] .monaco-editor.focused').waitFor()
      await page.keyboard.press('Control+End')
      await page.keyboard.insertText(`\n// ${word}`)
      const item = page.getByRole('menuitem', { name: `Download as ${format}` })
      const more = page.getByRole('button', { name: 'More for this notebook' })
      await more.click()
      const [byMouse] = await Promise.all([page.waitForEvent('download'), item.click()])
      await more.focus()
      await page.keyboard.press('Enter')
      await item.waitFor()
      await item.focus()
      const [byKey] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')])
      for (const download of [byMouse, byKey]) {
        const text = await textOf(download)
        expect([download.suggestedFilename(), holds.test(text), text.includes(word)]).toEqual([
          name,
          true,
          true,
        ])
      }
      expect(errors).toEqual([])
    },
  )
})
