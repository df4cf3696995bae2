/**
 * The WASM SIMD backend of tfjs, made synchronously at the first operation: asynchronous compiling never settles in
 * an isolate, and a WebAssembly instance cannot lie in a snapshot, so nothing of it exists before.
 */
import { registerBackend } from '@tensorflow/tfjs-core'
import { BackendWasm } from '@tensorflow/tfjs-backend-wasm/dist/backend_wasm.js'
import '@tensorflow/tfjs-backend-wasm/dist/register_all_kernels.js'
import type { BackendWasmModule } from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.js'
import openModule from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.js'
import bytes from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm'

type Options = Parameters<typeof openModule>[0] & {
  instantiateWasm(
    imports: WebAssembly.Imports,
    done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
  ): WebAssembly.Exports
}
type Cwrap = (name: string, result: 'number' | null, parameters: 'number'[]) => (...given: number[]) => never

function open(): BackendWasm {
  // Emscripten's factory fills this object and is done when instantiateWasm was synchronous; its promise says nothing.
  const module = {
    instantiateWasm(imports, done) {
      const compiled = new WebAssembly.Module(bytes as BufferSource)
      const instance = new WebAssembly.Instance(compiled, imports)
      done(instance, compiled)
      return instance.exports
    },
  } as Options & BackendWasmModule
  void openModule(module)
  // Notebooks can reach this object; it shall not make them further instances.
  Reflect.deleteProperty(module, 'instantiateWasm')
  const { cwrap } = module as unknown as { cwrap: Cwrap }
  module.tfjs = {
    init: cwrap('init', null, []),
    initWithThreadsCount: cwrap('init_with_threads_count', null, ['number']),
    getThreadsCount: cwrap('get_threads_count', 'number', []),
    registerTensor: cwrap('register_tensor', null, ['number', 'number', 'number']),
    disposeData: cwrap('dispose_data', null, ['number']),
    dispose: cwrap('dispose', null, []),
  }
  return new BackendWasm(module)
}

registerBackend('wasm', open, 3)
