/**
 * The toolkit of a notebook: sets the globals `dfd` (danfojs), `tf` (tfjs on WASM SIMD) and `learn`. Bundled into
 * build/guest/toolkit.js, evaluated into build/guest/toolkit.snapshot. It needs ECMAScript alone: no performance,
 * TextEncoder, DOM or Node; `console` and `setTimeout` are looked up when used. WebAssembly is used first at tf's
 * first operation, through the namespace that the toolkit was given; without it tf falls back to its CPU backend,
 * with a warning on the console. To give it, before the bootstrap deletes the global:
 * - in an isolate from the snapshot: `context.eval('suricateToolkit(WebAssembly)')`; the function deletes itself;
 * - cold, in a fresh context: evaluate toolkit.js, which takes the global;
 * - cold, in a context that user code has run in: take a reference to WebAssembly beforehand and evaluate as a closure,
 *   `context.evalClosure(toolkit, [reference.derefInto()])`: nothing passes through a global that the user watches.
 */
import * as danfo from 'danfojs'
import { learn } from '../learn/learn.ts'
import * as tensorflow from './toolkit/tensorflow.ts'
import { setWasm } from './toolkit/wasm.ts'

declare const $0: unknown

const globals: { [name: string]: unknown } = { dfd: { ...danfo }, tf: { ...tensorflow }, learn }
const given: unknown = typeof $0 === 'undefined' ? Reflect.get(globalThis, 'WebAssembly') : $0
if (given === undefined)
  globals['suricateToolkit'] = (namespace: unknown): void => {
    setWasm(namespace)
    Reflect.deleteProperty(globalThis, 'suricateToolkit')
  }
else setWasm(given)

for (const [name, value] of Object.entries(globals))
  Object.defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true })
