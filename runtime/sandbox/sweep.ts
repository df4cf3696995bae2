/**
 * Removes what earlier builds left: sandbox folders of this user that nobody has used for a day. Who uses one touches
 * it every hour; a process that still executes from one keeps it whatever its age (a machine that slept). The folder
 * is renamed first and looked at again, so that one which was taken up in between goes back instead.
 */
import { lstat, readdir, readlink, rename, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const touchMs = 3_600_000
const unusedMs = 24 * 3_600_000

export async function touch(path: string): Promise<void> {
  const now = new Date()
  await utimes(path, now, now)
}

export async function sweepFolders(prefix: string, keep: string, folder = tmpdir()): Promise<void> {
  // Also the halves of a folder that was being made, or removed, when its process died.
  const form = new RegExp(`^${prefix}[0-9a-f]{32}(?:\\.\\w+)?$`)
  const names = (await readdir(folder)).filter((name) => form.test(name) && join(folder, name) !== keep)
  const stale: string[] = []
  for (const name of names) if (await isStale(join(folder, name))) stale.push(join(folder, name))
  if (stale.length === 0) return
  const programs = await findPrograms()
  for (const path of stale)
    if (!programs.some((program) => program.startsWith(`${path}/`))) await remove(path)
}

async function isStale(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined)
  if (!found?.isDirectory()) return false
  return found.uid === (process.getuid?.() ?? found.uid) && Date.now() - found.mtimeMs > unusedMs
}

async function remove(path: string): Promise<void> {
  const aside = `${path.replace(/\.\w+$/, '')}.gone${process.pid}`
  try {
    await rename(path, aside)
    if (await isStale(aside)) return await rm(aside, { recursive: true, force: true })
    // Somebody took it up; where they made another meanwhile, this one is not needed.
    await rename(aside, path).catch(() => rm(aside, { recursive: true, force: true }))
  } catch {
    // Another process was quicker, or the next start tries again.
  }
}

/** What the processes of this machine execute, as far as this user may know. */
async function findPrograms(): Promise<string[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  const links = pids.map((pid) => readlink(`/proc/${pid}/exe`).catch(() => ''))
  return (await Promise.all(links)).filter((link) => link !== '')
}
