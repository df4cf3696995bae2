/**
 * The names that a notebook has without declaring them: of the SDK, of the libraries that are loaded with it and of
 * the language. A cell that uses one of them before another cell declares it means the platform's.
 */
const sdk = `objects sql streams models act notebooks fetch show plot progress log parameters result ui dfd tf learn
  console setTimeout clearTimeout setInterval clearInterval queueMicrotask TextEncoder TextDecoder`

const language = `AggregateError Array ArrayBuffer AsyncDisposableStack BigInt BigInt64Array BigUint64Array Boolean
  DataView Date DisposableStack Error EvalError FinalizationRegistry Float16Array Float32Array Float64Array Function
  Infinity Int16Array Int32Array Int8Array Intl Iterator JSON Map Math NaN Number Object Promise Proxy RangeError
  ReferenceError Reflect RegExp Set String SuppressedError Symbol SyntaxError Temporal TypeError URIError Uint16Array
  Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet arguments decodeURI decodeURIComponent encodeURI
  encodeURIComponent escape eval globalThis isFinite isNaN parseFloat parseInt undefined unescape`

export const platformNames: ReadonlySet<string> = new Set(`${sdk} ${language}`.split(/\s+/))
