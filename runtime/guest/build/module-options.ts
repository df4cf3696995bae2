/**
 * How a module for notebooks is bundled, our own and a project's alike: a script that leaves `suricateModule.all`, with
 * what packages have for a platform without Node. `browser` stands for that platform's fields in package.json; a
 * package that wants more of a browser than the language says so when it is loaded.
 */
import type { BuildOptions } from 'esbuild'

export const moduleName = 'suricateModule'
export const moduleOptions = {
  format: 'iife',
  globalName: moduleName,
  platform: 'browser',
  target: 'es2024',
  charset: 'ascii',
  define: { global: 'globalThis', 'process.env.NODE_ENV': '"production"' },
} as const satisfies BuildOptions
