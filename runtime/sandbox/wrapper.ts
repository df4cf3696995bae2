/**
 * What a child is started under. As root: a uid of its own per child, namespaces for network, IPC, names and
 * processes, no new privileges, no capabilities, parent-death signal, resource limits. Otherwise the same inside a
 * user namespace, which needs no root (two children are then of one uid outside, but cannot see each other's
 * processes). Each combination is probed by running it; what is missing is named.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

export type WrapperMode = 'uid' | 'user-namespace' | 'none'
export interface Wrapper {
  readonly mode: WrapperMode
  readonly missing: string[]
  /** The command line that starts `command`; `dataMb` bounds its data segment. */
  toCommand(command: string[], options: { uid: number; dataMb: number }): string[]
}

const run = promisify(execFile)
const probeMs = 10_000
const spaces = ['-n', '-i', '-u', '-p', '--fork', '--kill-child=SIGKILL']

function find(name: string): string | undefined {
  const folders = `${process.env['PATH'] ?? ''}${delimiter}/usr/sbin${delimiter}/usr/bin${delimiter}/sbin${delimiter}/bin`
  return folders
    .split(delimiter)
    .filter((folder) => folder.startsWith('/'))
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path))
}

/** Probes with `node`, the binary that the children will run. */
export async function openWrapper(node: string): Promise<Wrapper> {
  const missing: string[] = []
  const tool = (name: string): string | undefined => {
    const path = find(name)
    if (path === undefined) missing.push(`${name} (util-linux)`)
    return path
  }
  const [unshare, setpriv, prlimit] = [tool('unshare'), tool('setpriv'), tool('prlimit')]
  const limited = (command: string[], dataMb: number): string[] =>
    prlimit === undefined
      ? command
      : [prlimit, '--core=0', '--nofile=128', '--fsize=0', `--data=${dataMb * 1024 * 1024}`, ...command]

  const candidates: { mode: WrapperMode; toCommand: Wrapper['toCommand'] }[] = []
  if (unshare !== undefined && setpriv !== undefined) {
    // The first setpriv ends unshare itself with this process, which then takes the namespace with it.
    const tied = [setpriv, '--pdeathsig', 'KILL']
    if (process.getuid?.() === 0)
      candidates.push({
        mode: 'uid',
        toCommand: (command, { uid, dataMb }) => [
          ...tied,
          unshare,
          ...spaces,
          setpriv,
          `--reuid=${uid}`,
          `--regid=${uid}`,
          '--clear-groups',
          '--no-new-privs',
          '--inh-caps=-all',
          '--bounding-set=-all',
          '--pdeathsig=KILL',
          ...limited(command, dataMb),
        ],
      })
    candidates.push({
      mode: 'user-namespace',
      toCommand: (command, { dataMb }) => [
        ...tied,
        unshare,
        '-U',
        ...spaces,
        setpriv,
        '--no-new-privs',
        '--pdeathsig=KILL',
        ...limited(command, dataMb),
      ],
    })
  }
  for (const { mode, toCommand } of candidates) {
    const fault = await probe(toCommand([node, '-p', '6*7'], { uid: firstUid, dataMb: 4_096 }))
    if (fault === undefined) return { mode, missing, toCommand }
    missing.push(`${mode}: ${fault}`)
  }
  return { mode: 'none', missing, toCommand: (command, { dataMb }) => limited(command, dataMb) }
}

async function probe([command, ...given]: string[]): Promise<string | undefined> {
  try {
    const { stdout } = await run(command as string, given, {
      env: {} as NodeJS.ProcessEnv,
      cwd: '/',
      timeout: probeMs,
    })
    return stdout.trim() === '42' ? undefined : `answered ${stdout.slice(0, 100)}`
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string }
    return (stderr?.trim() || message).split('\n')[0]?.slice(0, 200)
  }
}

export const firstUid = 600_000
export const uidCount = 65_000
