/**
 * The folder of everything that is kept. Its files are readable for others, because table children with uids of their
 * own read hard links to them; that others do not find the files themselves is this folder's mode.
 */
import { chmod, mkdir, stat } from 'node:fs/promises'
import { AppError } from './error.ts'
import type { Logger } from './log.ts'

const others = 0o077
const sticky = 0o1000

/** Made, or closed to others when it exists. invalid: a folder that many share, such as /tmp. */
export async function openDataFolder(path: string, log: Pick<Logger, 'warn'>): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  if (process.platform === 'win32') return
  const { mode, uid } = await stat(path)
  if ((mode & others) === 0) return
  if (mode & sticky)
    throw new AppError('invalid', `${path} is shared by many; give SURICATE_DATA a folder of its own.`)
  const own = process.getuid?.() ?? uid
  // A mounted volume may be root's; who mounted it says who else sees it.
  if (own !== 0 && own !== uid) return log.warn({ path }, 'The data folder is open to other users')
  await chmod(path, 0o700)
}
