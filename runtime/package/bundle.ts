/**
 * One script of a package and its dependencies, made by esbuild in a process of the sandbox's kind. Each package lies
 * in a folder of its own with links to exactly the versions that were chosen for it; the process sees this folder,
 * which is its group's alone, and can write nothing. No script of a package is run.
 */
import { chmod, chown, copyFile, link, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire, isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { AppError } from '../error.ts'
import { moduleOptions } from '../guest/build/module-options.ts'
import { takeUid } from '../sandbox/process.ts'
import { runTool } from '../sandbox/tool.ts'
import type { Wrapper } from '../sandbox/wrapper.ts'
import { packageLimits } from './limits.ts'
import type { Resolution } from './resolve.ts'

/** By `name@version`: path -> content. */
export type Sources = ReadonlyMap<string, ReadonlyMap<string, Uint8Array>>

export async function bundlePackage(
  wrapper: Wrapper,
  resolution: Resolution,
  sources: Sources,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const uid = takeUid(wrapper)
  const folder = await mkdtemp(join(tmpdir(), 'suricate-package-'))
  try {
    const ids = [...resolution.keys()]
    const program = join(folder, 'esbuild')
    await placeProgram(program)
    await layOut(folder, resolution, sources)
    if (uid !== 0) {
      await chown(folder, process.getuid?.() ?? 0, uid)
      await chmod(folder, 0o750)
    }
    const [first] = resolution.values()
    const name = first!.manifest.name
    const { code, stdout, stderr } = await runTool(wrapper, [program, ...toArguments()], {
      name: `Bundling ${name}`,
      cwd: folder,
      uid,
      ms: packageLimits.bundleMs,
      rssMb: packageLimits.bundleRssMb,
      outputBytes: packageLimits.bundleBytes,
      signal,
    })
    if (code !== 0) throw toFault(name, stderr, ids)
    return stdout
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function toArguments(): string[] {
  const { format, globalName, platform, target, charset, define } = moduleOptions
  return [
    'entry.js',
    '--bundle',
    `--format=${format}`,
    `--global-name=${globalName}`,
    `--platform=${platform}`,
    `--target=${target}`,
    `--charset=${charset}`,
    ...Object.entries(define).map(([name, value]) => `--define:${name}=${value}`),
    '--minify-syntax',
    '--minify-whitespace',
    '--legal-comments=none',
    '--log-level=error',
    '--log-limit=20',
    '--color=false',
  ]
}

async function layOut(folder: string, resolution: Resolution, sources: Sources): Promise<void> {
  const places = new Map([...resolution.keys()].map((id, at) => [id, join(folder, 'store', String(at))]))
  const own = (id: string): string => join(places.get(id)!, 'node_modules', resolution.get(id)!.manifest.name)
  const folders = new Set<string>()
  const makeFolder = async (path: string): Promise<void> => {
    if (path === folder || folders.has(path)) return
    await makeFolder(dirname(path))
    folders.add(path)
    await mkdir(path, { recursive: true })
    await chmod(path, 0o755)
  }
  const write = async (path: string, content: string | Uint8Array): Promise<void> => {
    await makeFolder(dirname(path))
    await writeFile(path, content)
    await chmod(path, 0o644)
  }
  for (const [id, { manifest, dependencies }] of resolution) {
    for (const [path, content] of sources.get(id) ?? []) await write(join(own(id), path), content)
    for (const [as, other] of dependencies) {
      if (as === manifest.name) continue
      const from = join(places.get(id)!, 'node_modules', as)
      await makeFolder(dirname(from))
      await symlink(own(other), from)
    }
  }
  const [[id, { manifest }]] = resolution as unknown as [[string, { manifest: { name: string } }]]
  const from = join(folder, 'node_modules', manifest.name)
  await makeFolder(dirname(from))
  await symlink(own(id), from)
  await write(join(folder, 'entry.js'), `export * as all from ${JSON.stringify(manifest.name)}\n`)
}

async function placeProgram(target: string): Promise<void> {
  const name = `@esbuild/${process.platform}-${process.arch}`
  const file = process.platform === 'win32' ? 'esbuild.exe' : 'bin/esbuild'
  const require = createRequire(createRequire(import.meta.url).resolve('esbuild'))
  const source = require.resolve(`${name}/${file}`)
  await link(source, target).catch(() => copyFile(source, target))
  await chmod(target, 0o755)
}

const failed = /\[ERROR\] ([^\n]{1,500})(?:\n\n {4}([^\n]{1,500}?):(\d+):\d+:)?/g

/** In the words of who added the package. */
export function toFault(name: string, stderr: string, ids: string[]): AppError {
  for (const [, message = '', path = ''] of stderr.matchAll(failed)) {
    const at = /^store\/(\d+)\/node_modules\/(.+)$/.exec(path)
    const id = at ? ids[Number(at[1])] : undefined
    const missing = /^Could not resolve "([^"]+)"/.exec(message)?.[1]
    const who = id === undefined || id.startsWith(`${name}@`) ? name : `${name} needs ${id}, which`
    const verb = id === undefined || id.startsWith(`${name}@`) ? `${who} needs` : `${who} needs`
    if (missing !== undefined && isBuiltin(missing))
      return new AppError(
        'unsupported',
        `${verb} ${missing} of Node, which notebooks do not have. Take a package that is made for browsers too.`,
      )
    if (missing !== undefined)
      return new AppError(
        'unsupported',
        `${verb} ${missing}, which is not among its dependencies. Take another version, or tell its authors.`,
      )
    const where = id === undefined ? '' : ` (${id}, ${at?.[2] ?? ''})`
    return new AppError('unsupported', `${name} cannot be bundled: ${message}${where}.`)
  }
  return new AppError('unavailable', `${name} could not be bundled: the bundler ended by itself. Try again.`)
}
