/**
 * The folder that table children live on, because their user can read neither the data folder nor, below /root, the
 * program: Node, DuckDB and the child's own files, hard-linked where possible; and for each child a folder that only
 * its user may enter, into which exactly the files of its commands are linked. Everything in it is read-only for them.
 */
import {
  chmod,
  chown,
  copyFile,
  constants,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  rm,
  stat,
  unlink,
  writeFile,
} from 'node:fs/promises'
import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { AppError, toMessage } from '../error.ts'

const makePipe = promisify(execFile)
const root = fileURLToPath(new URL('../../', import.meta.url))
const prefix = 'suricate-table-'
/** Beyond these the oldest links of a child go. */
const maxLinks = 2048

export interface Stage {
  readonly folder: string
  readonly node: string
  readonly command: string[]
  openFolder(uid: number | null): Promise<LinkFolder>
  close(): Promise<void>
}
export interface LinkFolder {
  /** Where the child finds this file: a link to the same bytes. */
  add(path: string): Promise<string>
  /** A named pipe that the child can write into; its limits let it write no file. */
  pipe(): Promise<string>
  close(): Promise<void>
}

export async function openStage(): Promise<Stage> {
  await sweep()
  const folder = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`))
  await chmod(folder, 0o711)
  const code = join(folder, 'code')
  for (const name of ['', 'runtime', 'workers', 'node_modules']) {
    await mkdir(join(code, name))
    await chmod(join(code, name), 0o755)
  }
  await writeFile(join(code, 'package.json'), '{"type":"module"}')
  await chmod(join(code, 'package.json'), 0o644)
  for (const name of ['runtime/error.ts', 'runtime/json.ts', 'workers/table.ts'])
    await place(join(root, name), join(code, name), 0o644)
  for (const name of ['runtime/table', 'node_modules/@duckdb'])
    await placeTree(join(root, name), join(code, name))
  await place(process.execPath, join(folder, 'node'), 0o755)
  let count = 0
  return {
    folder,
    node: join(folder, 'node'),
    command: [
      join(folder, 'node'),
      '--permission',
      '--allow-addons',
      `--allow-fs-read=${folder}`,
      '--disable-sigusr1',
      '--no-warnings',
      '--max-old-space-size=1024',
      join(code, 'workers/table.ts'),
    ],
    openFolder: (uid) => openLinks(join(folder, `${++count}`), uid),
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

async function openLinks(folder: string, uid: number | null): Promise<LinkFolder> {
  await mkdir(folder, { mode: 0o700 })
  if (uid !== null) {
    await chown(folder, 0, uid)
    await chmod(folder, 0o750)
  }
  const links = new Map<string, Promise<string>>()
  let count = 0
  return {
    add(path) {
      const known = links.get(path)
      if (known) return known
      const target = join(folder, `${++count}`)
      const made = place(path, target, 0o444, true).then(() => target)
      links.set(path, made)
      made.catch(() => links.delete(path))
      if (links.size > maxLinks) {
        const [oldest] = links
        if (oldest) {
          links.delete(oldest[0])
          oldest[1].then(unlink).catch(() => undefined)
        }
      }
      return made
    },
    async pipe() {
      const path = join(folder, `${++count}`)
      await makePipe('mkfifo', [path]).catch((error: unknown) => {
        throw new AppError(
          'unsupported',
          `A table cannot be written here: mkfifo is missing. ${toMessage(error)}`,
        )
      })
      if (uid !== null) await chown(path, 0, uid)
      await chmod(path, 0o660)
      return path
    },
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

/**
 * Links, or copies: from another file system, of what belongs to somebody else, and of a program's file that others may
 * not read. A blob (`owned`) is opened to others instead: its folder keeps them from it.
 */
async function place(source: string, target: string, mode: number, owned = false): Promise<void> {
  try {
    const { mode: has } = await stat(source)
    if ((has & mode & 0o005) !== (mode & 0o005)) {
      if (!owned) throw Object.assign(new Error('unreadable for others'), { code: 'EACCES' })
      await chmod(source, mode)
    }
    await link(source, target)
  } catch (error) {
    if (!['EXDEV', 'EPERM', 'EMLINK', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error
    await copyFile(source, target, constants.COPYFILE_FICLONE)
    await chmod(target, mode)
  }
}
async function placeTree(source: string, target: string): Promise<void> {
  await mkdir(target)
  await chmod(target, 0o755)
  for (const entry of await readdir(source, { withFileTypes: true })) {
    const [from, to] = [join(source, entry.name), join(target, entry.name)]
    if (entry.isDirectory()) await placeTree(from, to)
    else if (/\.(ts|js|json|node|so|dylib)$/.test(entry.name)) await place(from, to, 0o644)
  }
}

/** Folders of this user's processes that ended without closing. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1]
    if (pid === undefined || isAlive(Number(pid))) continue
    const path = join(tmpdir(), name)
    const found = await lstat(path).catch(() => undefined)
    if (!found?.isDirectory() || found.uid !== (process.getuid?.() ?? found.uid)) continue
    await rm(path, { recursive: true, force: true }).catch(() => undefined)
  }
}
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
