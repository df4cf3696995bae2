/** The peers from PyPI, in an environment of their own below build/; null, with the reason told, where there is none. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const packages = ['ipykernel', 'jupyter_client', 'pandas', 'scikit-learn', 'papermill', 'pika']

export function findPython(): string | null {
  const folder = join(root, 'build', 'bench-python')
  const python = join(folder, 'bin', 'python')
  const stamp = join(folder, 'packages.txt')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === packages.join('\n')) return python
  console.log(`Installing the peers from PyPI: ${packages.join(', ')} …`)
  const made = spawnSync('python3', ['-m', 'venv', folder], { stdio: 'inherit' })
  if (made.status !== 0) return none('python3 with venv is not here')
  const got = spawnSync(python, ['-m', 'pip', 'install', '-q', ...packages], {
    stdio: 'inherit',
    timeout: 600_000,
  })
  if (got.status !== 0) return none('pip could not install them')
  writeFileSync(stamp, packages.join('\n'))
  return python
}
function none(reason: string): null {
  console.log(`No peers: ${reason}.`)
  return null
}

/** Runs a script of bench/peers and reads the JSON that it prints last. */
export function runPeer<T>(python: string, script: string, ...args: string[]): T {
  const done = spawnSync(python, [join(import.meta.dirname, 'peers', script), ...args], {
    encoding: 'utf8',
    timeout: 300_000,
    env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
  })
  if (done.status !== 0) throw new Error(`${script}: ${done.stderr.slice(-500)}`)
  return JSON.parse(done.stdout.trim().split('\n').at(-1)!) as T
}

export function quantile(values: number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN
}

/** One line of a table: ours, the peer or limit beside it, and the ratio. */
export function tell(name: string, ours: number, unit: string, beside: string, theirs: number): void {
  const digits = (value: number): string => value.toPrecision(3)
  console.log(
    `${name.padEnd(46)} ${digits(ours).padStart(8)} ${unit}   ${beside.padEnd(34)} ${digits(theirs).padStart(8)} ${unit}   ratio ${digits(ours / theirs)}`,
  )
}
