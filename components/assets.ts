/**
 * What the pages load besides their own bundle, made once by the build: Monaco with its worker, bundled from the
 * package, our language worker with the declarations that it loads, and Plotly as it is. Served from /vendor; nothing comes from a content delivery network.
 */
import { copyFile, mkdir, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { buildTypes } from './editor/types.build.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const resolve = createRequire(import.meta.url).resolve

export async function buildAssets(to = join(root, 'public/vendor')): Promise<void> {
  await mkdir(to, { recursive: true })
  const shared = {
    bundle: true,
    minify: true,
    format: 'iife' as const,
    target: 'es2022',
    logLevel: 'error' as const,
    legalComments: 'none' as const,
    loader: { '.ttf': 'dataurl' as const },
  }
  await Promise.all([
    copyFile(resolve('plotly.js-dist-min/plotly.min.js'), join(to, 'plotly.min.js')),
    build({
      ...shared,
      entryPoints: [join(root, 'components/editor/monaco.ts')],
      outfile: join(to, 'monaco/editor.js'),
    }),
    build({
      ...shared,
      entryPoints: {
        'editor.worker': resolve('monaco-editor/editor/editor.worker.js'),
        'language.worker': join(root, 'components/editor/language/worker.ts'),
      },
      outdir: join(to, 'monaco'),
    }),
    buildTypes(root, join(to, 'types')),
  ])
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const started = performance.now()
  await buildAssets()
  const { size } = await stat(join(root, 'public/vendor/monaco/editor.js'))
  process.stdout.write(
    `assets: ${Math.round(performance.now() - started)} ms, editor ${Math.round(size / 1000)} kB\n`,
  )
}
