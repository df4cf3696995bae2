/** What a table child is, seen from outside: its user, its environment, what it can reach, and its end. */
import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findLeaf, readUsage } from '../../runtime/sandbox/proc.ts'
import { openWrapper, type Wrapper } from '../../runtime/sandbox/wrapper.ts'
import { openTableProcess, type TableProcess, type Work } from '../../runtime/table/process.ts'
import { openStage, type Stage } from '../../runtime/table/stage.ts'

let folder: string
let stage: Stage
let wrapper: Wrapper
const open: TableProcess[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'process-'))
  stage = await openStage()
  wrapper = await openWrapper(stage.node)
})
afterAll(async () => {
  for (const child of open) child.close()
  await Promise.all(open.map((child) => child.ended))
  await stage.close()
  await rm(folder, { recursive: true, force: true })
})
async function start(): Promise<TableProcess> {
  const child = await openTableProcess(stage, wrapper, 1000)
  open.push(child)
  return child
}
const work = (sql: string, path?: string): Work => ({
  type: 'query',
  memoryMb: 1000,
  sql,
  parameters: [],
  maxRows: 10,
  files: path === undefined ? [] : [{ name: 'x', path, format: 'csv' }],
})
const ask = async (child: TableProcess, sql: string, path?: string) => {
  const { event } = await child.run(work(sql, path), { timeoutMs: 10_000 })
  return event
}

describe('a table process', () => {
  test('has an empty environment, no network of ours and, as root, a user of its own', async () => {
    const [one, two] = [await start(), await start()]
    await Promise.all([ask(one, 'select 1'), ask(two, 'select 1')])
    const [a, b] = [findLeaf(one.pid), findLeaf(two.pid)]
    expect(await readFile(`/proc/${a}/environ`, 'utf8')).toBe('')
    if (wrapper.mode !== 'none')
      expect(await readlink(`/proc/${a}/ns/net`)).not.toBe(await readlink('/proc/self/ns/net'))
    if (wrapper.mode === 'uid') {
      const [uidA, uidB] = [(await stat(`/proc/${a}`)).uid, (await stat(`/proc/${b}`)).uid]
      expect(uidA).toBeGreaterThanOrEqual(665_000)
      expect(uidA).not.toBe(uidB)
    }
  })

  test('reads a file in a folder that its user may not enter, and cannot reach the folder itself', async () => {
    const path = join(folder, 'blob')
    await writeFile(path, 'a\n7\n', { mode: 0o600 })
    const child = await start()
    expect(await ask(child, 'select a from x', path)).toMatchObject({ type: 'result', rows: 1 })
    if (wrapper.mode !== 'uid') return
    const { uid } = await stat(`/proc/${findLeaf(child.pid)}`)
    const folders = (await readdir(stage.folder)).filter((name) => /^\d+$/.test(name))
    const readAs = (user: number, target: string): string => {
      try {
        return execFileSync(
          'setpriv',
          [`--reuid=${user}`, `--regid=${user}`, '--clear-groups', 'cat', target],
          {
            stdio: 'pipe',
          },
        ).toString()
      } catch {
        return 'refused'
      }
    }
    const linked = join(stage.folder, folders.at(-1)!, '1')
    expect([readAs(uid, linked), readAs(uid, path), readAs(uid + 1, linked)]).toEqual([
      'a\n7\n',
      'refused',
      'refused',
    ])
  })

  test('is ended at its limit of time and says so; the next command is refused', async () => {
    const child = await start()
    const endless = work(
      'select count(*) from range(1000000) a, range(1000000) b where a.range + b.range = -1',
    )
    await expect(child.run(endless, { timeoutMs: 1500 })).rejects.toMatchObject({
      code: 'timeout',
      message: 'The query took longer than its limit of 1.5 s and was ended.',
    })
    await child.ended
    expect([child.dead, readUsage(child.pid)]).toEqual([true, undefined])
    await expect(ask(child, 'select 1')).rejects.toMatchObject({ code: 'timeout' })
  })

  test('that is killed by somebody else is told as ended', async () => {
    const child = await start()
    await ask(child, 'select 1')
    const asked = child.run(
      work('select count(*) from range(1000000) a, range(1000000) b where a.range + b.range = -1'),
      { timeoutMs: 20_000 },
    )
    process.kill(findLeaf(child.pid), 'SIGKILL')
    await expect(asked).rejects.toMatchObject({ code: expect.stringMatching(/internal|limit/) })
  })

  test('leaves no folder of its own', async () => {
    const before = (await readdir(stage.folder)).length
    const child = await start()
    await ask(child, 'select 1')
    child.close()
    await child.ended
    expect((await readdir(stage.folder)).length).toBeLessThanOrEqual(before)
  })
})
