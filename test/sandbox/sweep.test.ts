import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, link, mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openStage } from '../../runtime/table/stage.ts'
import { sweepFolders, touch } from '../../runtime/sandbox/sweep.ts'

let root: string
const prefix = 'suricate-sandbox-0-'
const nameOf = (digit: string): string => `${prefix}${digit.repeat(32)}`

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sweep-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

async function place(name: string, ageHours: number): Promise<string> {
  const path = join(root, name)
  await mkdir(path)
  await writeFile(join(path, 'child.mjs'), '')
  const at = new Date(Date.now() - ageHours * 3_600_000)
  await utimes(path, at, at)
  return path
}

describe('sweepFolders', () => {
  test('removes what was not used for a day, whole or half made', async () => {
    const keep = await place(nameOf('a'), 100)
    await place(nameOf('b'), 25)
    await place(`${nameOf('c')}.x1Yz09`, 25)
    await place(nameOf('d'), 23)
    await touch(await place(nameOf('e'), 100))
    await place('suricate-sandbox-0-other', 100)
    await place('suricate-table-1-abc', 100)
    await sweepFolders(prefix, keep, root)
    const left = [nameOf('a'), nameOf('d'), nameOf('e'), 'suricate-sandbox-0-other', 'suricate-table-1-abc']
    expect((await readdir(root)).toSorted()).toEqual(left.toSorted())
  })
  test('leaves links, and folders of another user', async () => {
    const target = await place('target', 100)
    await symlink(target, join(root, nameOf('a')))
    const left = ['target', nameOf('a')]
    if (process.getuid?.() === 0) {
      await chown(await place(nameOf('b'), 100), 12_345, 12_345)
      left.push(nameOf('b'))
    }
    await sweepFolders(prefix, '', root)
    expect((await readdir(root)).toSorted()).toEqual(left.toSorted())
    expect(await readdir(target)).toEqual(['child.mjs'])
  })
  test('leaves an old one that a process executes from, until it ended', async () => {
    const path = await place(nameOf('a'), 0)
    const node = join(path, 'node')
    // A second name, as the sandboxes do it; the binary is large.
    await link(process.execPath, node).catch(() => symlink(process.execPath, node))
    const child = spawn(node, ['-e', 'process.stdout.write("up"); process.stdin.resume()'])
    await once(child.stdout, 'data')
    await utimes(path, 1, 1)
    await sweepFolders(prefix, '', root)
    const during = await readdir(root)
    child.stdin.end()
    await once(child, 'close')
    await sweepFolders(prefix, '', root)
    expect([during, await readdir(root)]).toEqual([[nameOf('a')], []])
  })
  test('many at once remove it once', async () => {
    await place(nameOf('a'), 30)
    await Promise.all(Array.from({ length: 8 }, () => sweepFolders(prefix, '', root)))
    expect(await readdir(root)).toEqual([])
  })
})

describe('openStage', () => {
  test('removes the folder of a process that ended', async () => {
    const ended = spawn(process.execPath, ['-e', ''])
    await once(ended, 'close')
    const left = await mkdtemp(join(tmpdir(), `suricate-table-${ended.pid}-`))
    const stage = await openStage()
    try {
      expect(await readdir(left).catch((error: NodeJS.ErrnoException) => error.code)).toBe('ENOENT')
    } finally {
      await stage.close()
    }
  })
})
