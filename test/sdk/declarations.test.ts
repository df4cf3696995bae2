import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sdkDeclarations } from '../../runtime/sdk/declarations.ts'

/** What the compiler says of a cell under the editor's types. */
function check(cell: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'suricate-types-'))
  try {
    writeFileSync(join(folder, 'suricate.d.ts'), sdkDeclarations())
    writeFileSync(join(folder, 'cell.ts'), `${cell}\nexport {}\n`)
    const flags =
      '--noEmit --strict --noImplicitAny false --target esnext --module esnext --lib esnext --types'.split(
        ' ',
      )
    execFileSync('tsc', [...flags, '', 'suricate.d.ts', 'cell.ts'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: 'pipe',
    })
    return []
  } catch (error) {
    return String((error as { stdout?: string }).stdout)
      .trim()
      .split('\n')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe('sdkDeclarations', () => {
  test('type what a notebook can call, as globals and as the module suricate', () => {
    const cell = `
      import { streams as live } from 'suricate'
      const { hours, host } = parameters({ hours: { default: 24, min: 1 }, host: 'web-1' })
      const table = await sql\`select * from "a" where v > \${hours}\`
      const total: number = table.numbers('v').reduce((a, b) => a + b, 0)
      plot.line(table, { x: 'at', y: ['v'] }, { title: host })
      show.markdown('# ' + total)
      await live.on('x', { window: { type: 'tumbling', size: '1 h' } }, ({ window, messages }, state) => {
        state.count = messages.length
        return { value: window.end }
      })
      const { model } = await models.load('m@champion')
      await act.alert('hot', { severity: 'critical', details: { model } })
      console.log(learn, dfd, tf)
      result({ total })`
    expect(check(cell)).toEqual([])
  })
  test('underline what is wrong', () => {
    expect(
      check('objects.lst()\nact.alert("x", { severity: "loud" })').map((line) => line.replace(/: .*/, '')),
    ).toEqual(['cell.ts(1,9)', 'cell.ts(2,18)'])
  })
})
