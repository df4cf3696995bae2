/**
 * Isolate A: the user's context, with the bootstrap in it. It is entered through `enter` alone, one entry at a time,
 * each with the time it may take. `post` is the one thing that the guest holds of the outside.
 */
import type { Enter, PostKind } from '../../guest/message.ts'
import { grace } from '../limits.ts'
import type { Isolate, Reference } from './addon.ts'
import type { Script } from './modules.ts'
import type { Files } from './files.ts'

export type EntryEnd = 'done' | 'timeout' | 'memory' | 'stuck' | 'failed'
export interface Realm {
  readonly isolate: Isolate
  readonly hasToolkit: boolean
  /** Evaluates a script, for its function; then enters with `command`, the number, that function and `rest`. */
  run(
    script: { code: string; file: string },
    number: number,
    limits: string,
    ms: () => number,
  ): Promise<Entry>
  enter(ms: () => number, ...given: Parameters<Enter>): Promise<Entry>
  /** Evaluates a module's script, for its function, and enters with `module`. */
  load(id: number, script: Script, ms: () => number): Promise<Entry>
  /** The toolkit, where the isolate was not made from its snapshot. */
  loadToolkit(): Promise<void>
  /** Compiles what most notebooks call first, before anybody waits for it. */
  warm(): Promise<void>
  cpuMs(): number
  dispose(): void
}
/** `error` is what the engine threw at the door: a script that is none, a stack that was full. */
export interface Entry {
  end: EntryEnd
  error?: { name: string; message: string }
}
export type OnPost = (kind: PostKind, id: number, name: string, text: string, parts: Uint8Array[]) => void

export interface RealmOptions {
  heapMb: number
  snapshot: boolean
  onPost: OnPost
  onCatastrophe: (message: string) => void
}

export async function openRealm(files: Files, options: RealmOptions): Promise<Realm> {
  const { ivm } = files
  const snapshot = options.snapshot && files.snapshot ? files.snapshot : undefined
  const isolate = new ivm.Isolate({
    memoryLimit: options.heapMb,
    onCatastrophicError: options.onCatastrophe,
    ...(snapshot ? { snapshot: new ivm.ExternalCopy(snapshot) } : {}),
  })
  const context = await isolate.createContext()
  // The bootstrap deletes WebAssembly. The toolkit alone is given it: now, or when it is loaded.
  if (snapshot) await context.eval('suricateToolkit(WebAssembly)')
  const wasm = snapshot ? undefined : await context.eval('WebAssembly', { reference: true })
  await context.eval(files.bootstrap, { filename: 'suricate.js' })
  const post = new ivm.Callback(
    (kind: PostKind, id: number, name: string, text: string, parts?: Uint8Array[]) =>
      options.onPost(kind, id, name, text, parts ?? []),
    { ignored: true },
  )
  const enter = (await context.evalClosure('return suricateStart($0)', [post], {
    result: { reference: true },
    timeout: 5_000,
  })) as unknown as Reference
  let hasToolkit = snapshot !== undefined
  let cpuMs = 0
  let disposed = false

  async function guard(ms: number, work: () => Promise<unknown>): Promise<Entry> {
    let timer: NodeJS.Timeout | undefined
    const stuck = new Promise<Entry>((resolve) => {
      if (Number.isFinite(ms)) timer = setTimeout(() => resolve({ end: 'stuck' }), ms + grace.childMs)
    })
    const end = work().then(
      (): Entry => ({ end: 'done' }),
      (error: unknown): Entry => toEnd(error),
    )
    try {
      return await Promise.race([end, stuck])
    } finally {
      clearTimeout(timer)
    }
  }

  function toEnd(error: unknown): Entry {
    if (isolate.isDisposed) return disposed ? { end: 'failed' } : { end: 'memory' }
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) }
    if (message.startsWith('Script execution timed out')) return { end: 'timeout' }
    return { end: 'failed', error: { name, message: message.replace(/ \[cell-.*$/, '').slice(0, 1_000) } }
  }

  const enterWith: Realm['enter'] = (ms, ...given) =>
    guard(ms(), () => enter.apply(undefined, given as unknown as never[], toTimeout(ms())))

  async function loadToolkit(): Promise<void> {
    if (hasToolkit || files.toolkit === undefined) return
    hasToolkit = true
    const given = wasm ? [wasm.derefInto({ release: true })] : []
    await context.evalClosure(files.toolkit, given, { filename: 'toolkit.js', timeout: 20_000 })
  }

  return {
    isolate,
    get hasToolkit() {
      return hasToolkit
    },
    async run({ code, file }, number, limits, ms) {
      let cell: Reference | undefined
      const made = await guard(ms(), async () => {
        // In this thread, as compiling is: it makes a function and runs nothing.
        cell = context.evalSync(code, { filename: file, ...toTimeout(ms()), reference: true }) as never
      })
      if (made.end !== 'done' || !cell) return made
      const target = cell
      return guard(ms(), () =>
        enter.apply(undefined, ['run', number, target.derefInto({ release: true }), limits], toTimeout(ms())),
      )
    },
    enter: enterWith,
    async load(id, { specifier, code }, ms) {
      if (code === undefined) {
        await loadToolkit()
        await enterWith(ms, 'toolkit')
        return enterWith(ms, 'module', id, specifier)
      }
      let make: Reference | undefined
      const filename = `module-${specifier.slice(0, 100)}.js`
      const made = await guard(ms(), async () => {
        make = (await context.eval(toFunction(code), {
          filename,
          ...toTimeout(ms()),
          reference: true,
        })) as never
      })
      const fault = made.error
      if (fault) return enterWith(ms, 'module', id, specifier, undefined, `${fault.name}: ${fault.message}`)
      if (!make) return made
      return enterWith(ms, 'module', id, specifier, make.derefInto({ release: true }))
    },
    loadToolkit,
    async warm() {
      if (!hasToolkit) return
      // A toolkit that cannot do this says so to the notebook that needs it.
      await context.eval(warmUp, { filename: 'warm.js', timeout: 5_000 }).catch(() => undefined)
    },
    cpuMs() {
      try {
        cpuMs = Number(isolate.cpuTime) / 1e6
      } catch {
        // It is gone; what was last read.
      }
      return cpuMs
    },
    dispose() {
      if (disposed) return
      disposed = true
      if (!isolate.isDisposed) isolate.dispose()
    },
  }
}

const warmUp = `{
  const product = tf.matMul(tf.ones([8, 8]), tf.ones([8, 8]))
  product.dataSync()
  tf.disposeVariables()
  new dfd.DataFrame({ a: [1, 2], b: [3, 4] }).mean({ axis: 0 }).values
  const rows = Array.from({ length: 64 }, (_, i) => [i % 7, i % 11])
  learn.isolationForest.score(learn.isolationForest.fit(rows), rows)
}`

/** Its parameters are what the guest gives; strict, as modules are, by the script's own first line. */
function toFunction(code: string): string {
  return `(function(TextEncoder,TextDecoder){${code}\nreturn suricateModule.all})`
}

function toTimeout(ms: number): { timeout?: number } {
  return Number.isFinite(ms) ? { timeout: Math.max(1, Math.ceil(ms)) } : {}
}
