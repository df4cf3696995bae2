/**
 * Bundles what executes in or around an isolate into build/guest: `compiler.js` and `bootstrap.js` (scripts for a bare
 * isolate: no Node, no DOM), `toolkit.js` (danfojs, tfjs, learn), `module-*.js` (what else can be imported), `child.js` (the sandbox child, one ES module with
 * nothing to resolve at run time: the child cannot read node_modules). An entry whose source is not there is left out.
 * A bundle is made again when esbuild's, this file's or any input's content changed; the record of the inputs lies
 * beside it (`*.inputs.json`), so that a second call costs a few milliseconds. `toolkit.snapshot` is the toolkit as a
 * V8 snapshot for this Node. Files are replaced by rename: a process that reads one meanwhile sees the old or the new
 * one whole.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BuildOptions } from 'esbuild'
import { ownModules, toModuleFile } from '../module-names.ts'
import { makeSnapshot } from '../../sandbox/snapshot.ts'
import { moduleOptions } from './module-options.ts'
import { toolkitOptions } from './toolkit-options.ts'

export interface GuestBuild {
  /** The folder that holds the bundles. */
  out: string
  /** Bundle name -> its path, for the bundles that exist. */
  bundles: { [name: string]: string }
  /** The names that were made by this call. */
  made: string[]
}

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..')

interface Entry {
  name: string
  source: string
  options: BuildOptions
}

const script: BuildOptions = { format: 'iife', platform: 'neutral', mainFields: ['main'] }

const entries: Entry[] = [
  { name: 'compiler.js', source: 'runtime/javascript/compiler-entry.ts', options: script },
  { name: 'bootstrap.js', source: 'runtime/guest/bootstrap.ts', options: script },
  {
    name: 'child.js',
    source: 'workers/sandbox.ts',
    // isolated-vm is loaded by the path of its prebuilt addon, never resolved.
    options: { format: 'esm', platform: 'node', external: ['*.node', 'isolated-vm'] },
  },
  { name: 'toolkit.js', source: 'runtime/guest/toolkit.ts', options: toolkitOptions(root) },
  ...ownModules.map((name) => ({
    name: toModuleFile(name),
    source: `runtime/guest/module/${name}.ts`,
    options: moduleOptions,
  })),
]

interface Inputs {
  key: string
  /** Path from the root -> modification time, bytes and content hash. */
  files: { [path: string]: { mtime: number; size: number; hash: string } }
}

/** Makes what is missing or stale; concurrent calls of one process are harmless, of several too. */
export async function buildGuest(options: { out?: string; only?: string[] } = {}): Promise<GuestBuild> {
  const out = resolve(options.out ?? join(root, 'build/guest'))
  await mkdir(out, { recursive: true })
  const made: string[] = []
  const bundles: { [name: string]: string } = {}
  for (const entry of entries) {
    if (options.only && !options.only.includes(entry.name)) continue
    if (!existsSync(join(root, entry.source))) continue
    const path = join(out, entry.name)
    if (!(await isFresh(path, entry))) {
      await bundle(path, entry)
      made.push(entry.name)
    }
    bundles[entry.name] = path
  }
  if (bundles['toolkit.js'] && (await makeSnapshot(out))) made.push('toolkit.snapshot')
  return { out, bundles, made }
}

async function bundle(path: string, entry: Entry): Promise<void> {
  const { build } = await import('esbuild')
  const result = await build({
    absWorkingDir: root,
    entryPoints: [entry.source],
    bundle: true,
    target: 'es2024',
    charset: 'utf8',
    legalComments: 'none',
    keepNames: false,
    minifySyntax: true,
    minifyWhitespace: true,
    minifyIdentifiers: false,
    logLevel: 'error',
    ...entry.options,
    write: false,
    metafile: true,
  })
  const files: Inputs['files'] = {}
  for (const name of Object.keys(result.metafile.inputs)) {
    const file = resolve(root, name)
    if (!existsSync(file)) continue
    const { mtimeMs, size } = await stat(file)
    files[name] = { mtime: mtimeMs, size, hash: await hashOf(file) }
  }
  const text = result.outputFiles[0]
  if (!text) throw new Error(`esbuild made nothing of ${entry.source}`)
  await replace(path, text.contents)
  await replace(`${path}.inputs.json`, JSON.stringify({ key: await keyOf(entry), files } satisfies Inputs))
}

async function isFresh(path: string, entry: Entry): Promise<boolean> {
  if (!existsSync(path)) return false
  let inputs: Inputs
  try {
    inputs = JSON.parse(await readFile(`${path}.inputs.json`, 'utf8')) as Inputs
  } catch {
    return false
  }
  if (inputs.key !== (await keyOf(entry))) return false
  for (const [name, known] of Object.entries(inputs.files)) {
    const file = resolve(root, name)
    const now = await stat(file).catch(() => undefined)
    if (!now || now.size !== known.size) return false
    if (now.mtimeMs !== known.mtime && (await hashOf(file)) !== known.hash) return false
  }
  return true
}

async function keyOf(entry: Entry): Promise<string> {
  const version = await readFile(join(root, 'node_modules/esbuild/package.json'), 'utf8')
  const own = await readFile(fileURLToPath(import.meta.url))
  return createHash('sha256')
    .update(JSON.stringify([entry, (JSON.parse(version) as { version: string }).version]))
    .update(own)
    .digest('hex')
}

async function hashOf(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
}

async function replace(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`
  await writeFile(temporary, content)
  await rename(temporary, path)
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const build = await buildGuest()
  process.stdout.write(`${build.out}: ${build.made.length === 0 ? 'nothing to do' : build.made.join(', ')}\n`)
}
