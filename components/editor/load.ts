/**
 * Loads the editor from our own server once, gives it its workers, its two themes and what our language worker knows of
 * the notebook. Everything that the languages of cells can do goes through that worker (language/).
 */
import type * as Monaco from 'monaco-editor'
import { send } from '../ui/api.ts'
import { createLanguageClient } from './client.ts'
import type { Loaded, MonacoApi } from './loaded.ts'
import { registerProviders } from './providers.ts'
import { registerSql } from './sql-provider.ts'
import { whenIdle } from '../ui/idle.ts'

declare global {
  interface Window {
    suricateMonaco?: { monaco: MonacoApi }
    MonacoEnvironment?: Monaco.Environment
  }
}
let loading: Promise<Loaded> | undefined
let announce: (loaded: Loaded) => void
const announced = new Promise<Loaded>((resolve) => (announce = resolve))

export function loadMonaco(): Promise<Loaded> {
  loading ??= start().catch((error: unknown) => {
    loading = undefined
    throw error
  })
  return loading
}
/** Once some cell has asked for the editor: a page without one does not load it. */
export function whenMonaco(): Promise<Loaded> {
  return announced
}

async function start(): Promise<Loaded> {
  window.MonacoEnvironment = { getWorker: () => new Worker('/vendor/monaco/editor.worker.js') }
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
  const { monaco } = window.suricateMonaco!
  setThemes(monaco)
  const language = createLanguageClient(startLater('/vendor/monaco/language.worker.js'))
  registerProviders(monaco, language)
  registerSql(monaco, language)
  void send('/api/v1/sdk.d.ts').then(async (response) => {
    if (response.ok) language.setDeclarations('sdk', await response.text())
  })
  const loaded = { monaco, language }
  announce(loaded)
  return loaded
}

/** A worker that starts when the page has nothing else to do: it reads megabytes, and what it finds can wait. */
function startLater(url: string): Pick<Worker, 'postMessage' | 'onmessage'> {
  const waiting: unknown[] = []
  let worker: Worker | undefined
  const started: Pick<Worker, 'postMessage' | 'onmessage'> = {
    onmessage: null,
    postMessage: (message: unknown) => void (worker ? worker.postMessage(message) : waiting.push(message)),
  }
  whenIdle(() => {
    worker = new Worker(url)
    worker.onmessage = (event) => started.onmessage?.call(worker!, event)
    for (const message of waiting.splice(0)) worker.postMessage(message)
  })
  return started
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
