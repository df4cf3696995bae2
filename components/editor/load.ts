/**
 * Loads the editor from our own server once, gives it its workers, its two themes and the declarations of the SDK.
 * Cells are scripts of one program: what one declares, the next one knows. A cell with imports is a module to
 * TypeScript, which would hide its declarations; a shadow of it without the imports gives them back to the others.
 */
import type * as Monaco from 'monaco-editor'
import { send } from '../ui/api.ts'

export type MonacoApi = typeof Monaco
type TypeScriptApi = typeof Monaco.typescript
interface Loaded {
  monaco: MonacoApi
  typescript: TypeScriptApi
}
declare global {
  interface Window {
    suricateMonaco?: Loaded
    MonacoEnvironment?: Monaco.Environment
  }
}
let loading: Promise<Loaded> | undefined
/** Redeclaring, top-level await and expressions that stand alone are right in cells. */
const ignored = [1375, 1378, 1431, 1432, 2300, 2451, 2393, 2528, 1108, 7028, 80_005]

export function loadMonaco(): Promise<Loaded> {
  loading ??= start().catch((error: unknown) => {
    loading = undefined
    throw error
  })
  return loading
}

async function start(): Promise<Loaded> {
  window.MonacoEnvironment = {
    getWorker: (_, label) =>
      new Worker(
        `/vendor/monaco/${label === 'typescript' || label === 'javascript' ? 'ts' : 'editor'}.worker.js`,
      ),
  }
  const style = document.createElement('link')
  style.rel = 'stylesheet'
  style.href = '/vendor/monaco/editor.css'
  document.head.append(style)
  await new Promise<void>((resolve, reject) => {
    const script = document.createElement('script')
    script.src = '/vendor/monaco/editor.js'
    script.onload = () => resolve()
    script.onerror = () => reject(new Error('The editor did not load. Reload the page.'))
    document.head.append(script)
  })
  const loaded = window.suricateMonaco!
  setThemes(loaded.monaco)
  const defaults = loaded.typescript.typescriptDefaults
  defaults.setCompilerOptions({
    target: 99,
    module: 99,
    lib: ['esnext'],
    strict: true,
    noImplicitAny: false,
    allowNonTsExtensions: true,
    noEmit: true,
    moduleDetection: 1,
  })
  defaults.setDiagnosticsOptions({ diagnosticCodesToIgnore: ignored })
  defaults.setEagerModelSync(true)
  void addSdkTypes(defaults)
  return loaded
}

async function addSdkTypes(defaults: TypeScriptApi['typescriptDefaults']): Promise<void> {
  const response = await send('/api/v1/sdk.d.ts')
  if (response.ok) defaults.addExtraLib(toDeclarations(await response.text()), 'file:///suricate.d.ts')
}

/** The SDK's interface as the module `suricate` and as globals. */
export function toDeclarations(text: string): string {
  if (/declare module ['"]suricate['"]/.test(text)) return text
  const body = text.replaceAll(/^import .*$/gm, '').replaceAll(/^export /gm, '')
  const members = [
    ...(/interface Suricate \{([\s\S]*?)^\}/m.exec(body)?.[1] ?? '').matchAll(/^ {2}(\w+)\s*[(:<]/gm),
  ]
  const names = [...new Set(members.map((match) => match[1]!))]
  const constants = names.map((name) => `const ${name}: Suricate['${name}']`)
  return [
    "declare module 'suricate' {",
    /type Json\b/.test(body) ? '' : jsonTypes,
    body,
    ...constants.map((line) => `export ${line}`),
    '}',
    ...names.map((name) => `declare const ${name}: import('suricate').Suricate['${name}']`),
    'declare const console: { log(...values: unknown[]): void; info(...values: unknown[]): void; warn(...values: unknown[]): void; error(...values: unknown[]): void }',
  ].join('\n')
}
const jsonTypes =
  'type Json = null | boolean | number | string | Json[] | { [key: string]: Json }\ntype JsonObject = { [key: string]: Json }'

const shadows = new Map<string, { dispose(): void }>()
/** Keeps the shadow of a cell up to date; '' removes it. */
export function setShadow(typescript: TypeScriptApi, cell: string, source: string): void {
  shadows.get(cell)?.dispose()
  shadows.delete(cell)
  if (!/^\s*import\b/m.test(source)) return
  const plain = source.replaceAll(/^\s*import\b[^'"\n]*(?:\{[^}]*\})?[^'"\n]*['"][^'"]*['"];?/gm, '')
  shadows.set(cell, typescript.typescriptDefaults.addExtraLib(plain, `file:///shadow/${cell}.ts`))
}

function setThemes(monaco: MonacoApi): void {
  for (const [name, base, ground, line] of [
    ['suricate-light', 'vs', '#ffffff', '#f7f8fa'],
    ['suricate-dark', 'vs-dark', '#16181c', '#1b1e23'],
  ] as const)
    monaco.editor.defineTheme(name, {
      base,
      inherit: true,
      rules: [],
      colors: {
        'editor.background': ground,
        'editorGutter.background': ground,
        'editor.lineHighlightBackground': line,
        'editor.lineHighlightBorder': '#00000000',
      },
    })
}
