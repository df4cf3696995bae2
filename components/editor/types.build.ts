/**
 * Declarations for the editor, made once by the build from what the notebooks run: the language's own from TypeScript,
 * `learn` emitted from its source, libraries from their packages. One file for each library, with every .d.ts that its
 * entry reaches and what a specifier means; comments stay, they are the documentation on hover.
 */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { libFileMap } from 'monaco-editor/languages/features/typescript/lib/lib.js'
import { typescript as ts } from 'monaco-editor/languages/features/typescript/lib/typescriptServices.js'
import type { Library } from './language/library.ts'

const run = promisify(execFile)
const resolve = createRequire(import.meta.url).resolve
const isFile = (path: string): boolean => existsSync(path) && statSync(path).isFile()

export async function buildTypes(root: string, to: string): Promise<{ name: string; bytes: number }[]> {
  await mkdir(to, { recursive: true })
  const collect = (specifiers: string[], outside: string[] = []): Library =>
    collectTypes(root, specifiers, outside)
  const libraries: { [name: string]: Library } = {
    es: toLanguage(),
    learn: await emitLearn(root),
    plotly: collect(['plotly.js']),
    tfjs: collect(['@tensorflow/tfjs']),
    danfojs: collect(['danfojs'], ['@tensorflow/tfjs', 'plotly.js', 'plotly.js-dist-min']),
    arquero: collect(['arquero']),
    'simple-statistics': collect(['simple-statistics']),
    'lodash-es': collect(['lodash-es']),
    'date-fns': collect(['date-fns']),
  }
  return Promise.all(
    Object.entries(libraries).map(async ([name, library]) => {
      const text = JSON.stringify(library)
      await writeFile(join(to, `${name}.json`), text)
      return { name, bytes: text.length }
    }),
  )
}

/** What the isolate has: the language without the browser's interfaces. */
function toLanguage(): Library {
  const files: Library['files'] = {}
  const add = (name: string): void => {
    const text = libFileMap[name]
    if (text === undefined || files[`/lib/${name}`] !== undefined) return
    files[`/lib/${name}`] = text
    for (const [, lib] of text.matchAll(/<reference lib="([^"]+)"/g)) add(`lib.${lib!}.d.ts`)
  }
  add('lib.esnext.d.ts')
  add('lib.decorators.d.ts')
  return { entries: {}, files }
}

async function emitLearn(root: string): Promise<Library> {
  const folder = await mkdtemp(join(tmpdir(), 'suricate-learn-'))
  try {
    const flags =
      '--ignoreConfig --declaration --emitDeclarationOnly --target esnext --module preserve --moduleResolution bundler --allowImportingTsExtensions --strict --skipLibCheck --types node'
    await run(
      process.execPath,
      [
        join(dirname(resolve('typescript/package.json')), 'bin/tsc'),
        ...flags.split(' '),
        '--rootDir',
        join(root, 'runtime'),
        '--outDir',
        folder,
        join(root, 'runtime/learn/learn.ts'),
      ],
      { cwd: root },
    )
    const files: Library['files'] = {}
    for (const name of await readdir(folder, { recursive: true }))
      if (name.endsWith('.d.ts'))
        files[`/suricate/${name.replaceAll('\\', '/')}`] = await readFile(join(folder, name), 'utf8')
    return { entries: { 'suricate/learn': '/suricate/learn/learn.d.ts' }, files }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Every declaration file that these packages' entries reach, but those of the packages outside. */
function collectTypes(root: string, specifiers: string[], outside: string[]): Library {
  const library: Library = { entries: {}, files: {} }
  const find = (specifier: string, from: string): string | undefined => {
    const options = { module: 99, moduleResolution: 100, target: 99, types: [] }
    const found = ts.resolveModuleName(specifier, from, options, {
      fileExists: isFile,
      readFile: (path) => readFileSync(path, 'utf8'),
    }).resolvedModule?.resolvedFileName
    return found && /\.d\.[mc]?ts$/.test(found) ? found : undefined
  }
  const queue: string[] = []
  const enter = (specifier: string, from: string): void => {
    if (outside.some((name) => specifier === name || specifier.startsWith(`${name}/`))) return
    const path = find(specifier, from)
    if (path === undefined) return
    if (!specifier.startsWith('.')) library.entries[specifier] ??= toPath(root, path)
    queue.push(path)
  }
  for (const specifier of specifiers) enter(specifier, join(root, 'components/editor/types.build.ts'))
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const name = toPath(root, path)
    if (library.files[name] !== undefined) continue
    const text = readFileSync(path, 'utf8')
    library.files[name] = text
    const { importedFiles, referencedFiles } = ts.preProcessFile(text, true, true)
    for (const { fileName } of importedFiles) enter(fileName, path)
    for (const { fileName } of referencedFiles) {
      const other = join(dirname(path), fileName)
      if (isFile(other)) queue.push(other)
    }
  }
  return library
}
function toPath(root: string, path: string): string {
  return `/${relative(root, path).replaceAll('\\', '/')}`
}
