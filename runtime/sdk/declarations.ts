/**
 * The editor's types of what a notebook can call: the text of json.ts, streaming.ts, interface.ts and known.ts as one ambient module
 * `suricate`, with every member of Suricate as a global. Generated from the same files that guest and host compile
 * against, so that hover and completion cannot differ from what runs.
 */
import { readFileSync } from 'node:fs'

/** Libraries of the guest: `Toolkit` has them once their declarations are loaded, else they may be anything. */
const toolkit = ['learn', 'dfd', 'tf']

/** What the isolate has besides the language. */
const ambient = `declare const console: { [method in 'log' | 'info' | 'warn' | 'error' | 'debug']: (...values: unknown[]) => void }
declare function setTimeout(run: (...values: unknown[]) => void, ms?: number, ...values: unknown[]): number
declare function setInterval(run: (...values: unknown[]) => void, ms?: number, ...values: unknown[]): number
declare function clearTimeout(timer?: number): void
declare function clearInterval(timer?: number): void
declare function queueMicrotask(run: () => void): void
type SuricateObjects = import("suricate").KnownObjects
type SuricateStreams = import("suricate").KnownStreams`

export function sdkDeclarations(): string {
  const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8')
  const types = ['../json.ts', './streaming.ts', './interface.ts', './known.ts']
    .map((name) => read(name).replace(/^\/\*\*[\s\S]*?\*\/\n(?=import|\n|export type Json )/, ''))
    .join('\n')
    .replaceAll(/^import type [\s\S]*? from '.*'$/gm, '')
    .replaceAll(/^export function [\s\S]*?^}\n/gm, '')
  const indent = (text: string): string =>
    text
      .split('\n')
      .map((line) => (line ? `  ${line}` : line))
      .join('\n')
  const members = findMembers(types)
  const documented = (prefix: string): string[] =>
    members.flatMap(({ name, text }) => [
      ...(text ? [`${prefix}/** ${text} */`] : []),
      `${prefix || 'declare '}${prefix ? 'export ' : ''}const ${name}: ${prefix ? '' : 'import("suricate").'}KnownSuricate['${name}']`,
    ])
  return [
    "declare module 'suricate' {",
    indent(types.trim()),
    ...documented('  '),
    // `any` only until the library's own types have loaded: `unknown` would underline every use of it till then.
    ...toolkit.map((name) => `  export const ${name}: Toolkit extends { ${name}: infer T } ? T : any`),
    '}',
    ...documented(''),
    ...toolkit.map((name) => `declare const ${name}: typeof import("suricate").${name}`),
    ambient,
    '',
  ].join('\n')
}

/** The members of the interface Suricate with what is said of them. */
function findMembers(types: string): { name: string; text: string }[] {
  const body = /^export interface Suricate \{\n([\s\S]*?)^\}/m.exec(types)?.[1] ?? ''
  const found = body.matchAll(/(?:^ {2}\/\*\* (.*) \*\/\n)?^ {2}(\w+)\??[:(<]/gm)
  return [...found].map(([, text, name]) => ({ name: name!, text: text ?? '' }))
}
