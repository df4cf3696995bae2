/**
 * The editor's types of what a notebook can call: the text of interface.ts and json.ts as one ambient module
 * `suricate`, with every member of Suricate as a global. Generated from the same files that guest and host compile
 * against, so that hover and completion cannot differ from what runs.
 */
import { readFileSync } from 'node:fs'

const members = [
  'objects',
  'sql',
  'streams',
  'models',
  'act',
  'notebooks',
  'fetch',
  'show',
  'plot',
  'progress',
]
/** Libraries of the guest, whose own types are too large for an editor to load. */
const toolkit = ['learn', 'dfd', 'tf']
const more = ['log', 'parameters', 'result']

/** What the isolate has besides the language. */
const ambient = `declare const console: { [method in 'log' | 'info' | 'warn' | 'error' | 'debug']: (...values: unknown[]) => void }
declare function setTimeout(run: (...values: unknown[]) => void, ms?: number, ...values: unknown[]): number
declare function setInterval(run: (...values: unknown[]) => void, ms?: number, ...values: unknown[]): number
declare function clearTimeout(timer?: number): void
declare function clearInterval(timer?: number): void
declare function queueMicrotask(run: () => void): void`

export function sdkDeclarations(): string {
  const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8')
  const types = `${read('../json.ts')}\n${read('./interface.ts')}`
    .replaceAll(/^import type .*$/gm, '')
    .replaceAll(/^export function [\s\S]*?^}\n/gm, '')
    .replaceAll(/^\/\*\*[\s\S]*?\*\/\n(?=\n|export type Json )/gm, '')
  const indent = (text: string): string =>
    text
      .split('\n')
      .map((line) => (line ? `  ${line}` : line))
      .join('\n')
  const names = [...members, ...more]
  return [
    "declare module 'suricate' {",
    indent(types.trim()),
    ...names.map((name) => `  export const ${name}: Suricate['${name}']`),
    '}',
    'type Suricate = import("suricate").Suricate',
    ...names.map((name) => `declare const ${name}: Suricate['${name}']`),
    // Not typed in the editor yet: their declarations are not bundled, and a wrong type would underline right code.
    ...toolkit.map((name) => `declare const ${name}: any`),
    ambient,
    '',
  ].join('\n')
}
