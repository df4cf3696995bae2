/**
 * What tfjs asks of its surroundings. In an isolate there is neither a browser nor Node: time is Date, text is coded
 * here, and there is no network (models come from `models.load`).
 */
import { env, type Platform } from '@tensorflow/tfjs-core'
import { toText, toUtf8 } from './utf8.ts'

const platform: Platform = {
  fetch: () => Promise.reject(new Error('tfjs cannot fetch here; use models.load, or fetch of the SDK')),
  now: () => Date.now(),
  encode(text, encoding) {
    checkEncoding(encoding)
    return toUtf8(text)
  },
  decode(bytes, encoding) {
    checkEncoding(encoding)
    return toText(bytes)
  },
  setTimeoutCustom: (run, ms) => void setTimeout(run, ms),
  isTypedArray: (value): value is Float32Array | Int32Array | Uint8Array | Uint8ClampedArray =>
    value instanceof Float32Array ||
    value instanceof Int32Array ||
    value instanceof Uint8Array ||
    value instanceof Uint8ClampedArray,
}

function checkEncoding(encoding: string): void {
  if (!/^utf-?8$/i.test(encoding)) throw new Error(`only utf-8 is supported here, not ${encoding}`)
}

env().setPlatform('suricate', platform)
