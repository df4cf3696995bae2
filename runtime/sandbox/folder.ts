/**
 * The folder that a child may read, and nothing else: the node binary, the addon, the bundles. It lies below the
 * system's temporary folder because a child's own uid cannot look below the home of another. Its name is a hash of
 * its contents; it is made beside and renamed, so that processes that start together make one; one that another user
 * owns or may write is not used.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, copyFile, link, lstat, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AppError } from '../error.ts'
import { ownModules, toModuleFile } from '../guest/module-names.ts'
import { maybeSnapshot } from './snapshot.ts'
import { sweepFolders, touch } from './sweep.ts'

export interface Folder {
  path: string
  node: string
  child: string
}

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

/** `unavailable` names the bundle that is missing. */
export async function openFolder(buildDir: string): Promise<Folder> {
  const sources = await toSources(buildDir)
  const hash = createHash('sha256').update(`${process.version} ${process.arch} ${process.getuid?.() ?? 0}`)
  for (const [name, path] of sources) {
    hash.update(`\n${name} `)
    if (name === 'node') {
      const { size, mtimeMs, ino } = await stat(path)
      hash.update(`${size} ${mtimeMs} ${ino}`)
    } else
      hash.update(
        createHash('sha256')
          .update(await readFile(path))
          .digest('hex'),
      )
  }
  const owner = process.getuid?.() ?? 0
  const prefix = `suricate-sandbox-${owner}-`
  const path = join(tmpdir(), `${prefix}${hash.digest('hex').slice(0, 32)}`)
  // Touched before it is looked at: a sweep that began earlier sees it.
  if (await isOurs(path)) await touch(path).catch(() => undefined)
  if (!(await isOurs(path))) await make(path, sources)
  if (!(await isOurs(path)))
    throw new AppError(
      'unavailable',
      `The folder ${path} belongs to somebody else or may be written by others; remove it.`,
    )
  await sweepFolders(prefix, path)
  return { path, node: join(path, 'node'), child: join(path, 'child.mjs') }
}

async function toSources(buildDir: string): Promise<[string, string][]> {
  const sources: [string, string][] = [
    ['node', process.execPath],
    ['isolated-vm.node', findAddon()],
    ['child.mjs', join(buildDir, 'child.js')],
    ['bootstrap.js', join(buildDir, 'bootstrap.js')],
    ['compiler.js', join(buildDir, 'compiler.js')],
  ]
  for (const [name, path] of sources)
    if (!existsSync(path))
      throw new AppError(
        'unavailable',
        `The sandbox needs ${name}, but ${path} is not there; run the build first.`,
      )
  const toolkit = join(buildDir, 'toolkit.js')
  if (existsSync(toolkit)) sources.push(['toolkit.js', toolkit])
  for (const name of ownModules.map(toModuleFile)) {
    const path = join(buildDir, name)
    if (existsSync(path)) sources.push([name, path])
  }
  const snapshot = await maybeSnapshot(buildDir)
  if (snapshot) sources.push(['toolkit.snapshot', snapshot])
  return sources
}

function findAddon(): string {
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined
  const libc = report?.header?.glibcVersionRuntime === undefined ? 'musl' : 'glibc'
  const folder = join(root, 'node_modules/isolated-vm/prebuilds', `${process.platform}-${process.arch}`)
  const { modules } = process.versions
  const names = [`isolated-vm.abi${modules}.${libc}.node`, `isolated-vm.abi${modules}.node`]
  return (
    names.map((name) => join(folder, name)).find((path) => existsSync(path)) ??
    join(folder, names[0] as string)
  )
}

/** Complete, of this user or root, and closed to the writing of others. */
async function isOurs(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined)
  if (!found) return false
  const owner = process.getuid?.() ?? found.uid
  return found.isDirectory() && (found.uid === owner || found.uid === 0) && (found.mode & 0o022) === 0
}

async function make(path: string, sources: [string, string][]): Promise<void> {
  const temporary = await mkdtemp(`${path}.`)
  try {
    for (const [name, source] of sources) {
      const target = join(temporary, name)
      await place(source, target, name === 'node')
      if (name !== 'node') await chmod(target, 0o644)
    }
    await chmod(temporary, 0o755)
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { recursive: true, force: true })
    // Another process was quicker.
    if (!existsSync(path)) throw error
  }
}

/** The binary is large: a second name for it where that is possible, else a copy. */
async function place(source: string, target: string, isBinary: boolean): Promise<void> {
  const { uid, mode } = await stat(source)
  const trusted = (uid === 0 || uid === process.getuid?.()) && (mode & 0o022) === 0
  if (isBinary && trusted && (mode & 0o005) === 0o005) {
    try {
      await link(source, target)
      return
    } catch {
      // Another file system, or links are restricted.
    }
  }
  await copyFile(source, target)
  if (isBinary) await chmod(target, 0o755)
}
