/**
 * How the toolkit is bundled: danfojs in its form that needs neither Node nor a bundler, with tfjs and mathjs replaced
 * by what is used of them, and without what an isolate cannot do (Excel, plots in a page, WASM threads).
 */
import { join } from 'node:path'
import type { BuildOptions, Plugin } from 'esbuild'

export function toolkitOptions(root: string): BuildOptions {
  return {
    format: 'iife',
    platform: 'neutral',
    // One character outside Latin-1 would double the text in the heap and in the snapshot.
    charset: 'ascii',
    mainFields: ['module', 'main'],
    conditions: ['import', 'module'],
    loader: { '.wasm': 'binary' },
    // `typeof window` and the like then say that there is none.
    define: {
      window: 'undefined',
      document: 'undefined',
      process: 'undefined',
      self: 'globalThis',
      global: 'globalThis',
      WebAssembly: 'wasmNamespace',
    },
    inject: [join(root, 'runtime/guest/toolkit/wasm.ts')],
    minifyIdentifiers: true,
    keepNames: true,
    plugins: [replace(root)],
  }
}

/** Also Node's modules, behind checks for Node that are false. */
const absent =
  /^(plotly\.js-dist-min|xlsx|node-fetch|fs|path|util|stream|crypto|os|worker_threads|perf_hooks)$|tfjs-backend-wasm-threaded-simd(\.worker)?\.js$/

function replace(root: string): Plugin {
  const replacements: { [name: string]: string } = {
    danfojs: 'node_modules/danfojs/dist/danfojs-browser/src/index.js',
    '@tensorflow/tfjs': 'runtime/guest/toolkit/tensorflow.ts',
    mathjs: 'runtime/guest/toolkit/statistics.ts',
  }
  return {
    name: 'replace',
    setup(build) {
      build.onResolve({ filter: /^(danfojs|mathjs|@tensorflow\/tfjs)$/ }, ({ path }) => ({
        path: join(root, replacements[path]!),
      }))
      build.onResolve({ filter: absent }, ({ path }) => ({ path, namespace: 'absent' }))
      build.onLoad({ filter: /./, namespace: 'absent' }, ({ path }) => ({
        contents: `module.exports = new Proxy(function () {}, { get(_, name) {
          if (name === '__esModule' || typeof name === 'symbol') return undefined
          throw new Error(${JSON.stringify(`${path} is not available in a notebook's kernel`)})
        } })`,
        loader: 'js',
      }))
    },
  }
}
