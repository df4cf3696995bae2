/** tfjs as a notebook sees it: core with gradients and chained operations, layers, and the CPU and WASM backends. */
import './platform.ts'
import '@tensorflow/tfjs-core/dist/register_all_gradients.js'
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js'
import '@tensorflow/tfjs-backend-cpu'
import './backend.ts'

export * from '@tensorflow/tfjs-core'
export * from '@tensorflow/tfjs-layers'
