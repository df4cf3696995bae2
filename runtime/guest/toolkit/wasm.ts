/**
 * The WebAssembly namespace that the toolkit's code sees in place of the global, which the bootstrap deletes. In an
 * isolate from a snapshot it is given after the fact: the isolate that makes a snapshot has none.
 */
export let wasmNamespace: typeof WebAssembly | undefined

/** No way leads from the backend's instance and memory, which notebooks can reach, back to the constructors. */
export function setWasm(namespace: unknown): void {
  wasmNamespace = namespace as typeof wasmNamespace
  for (const key of Reflect.ownKeys(namespace as object)) {
    const prototype = (Reflect.get(namespace as object, key) as { prototype?: object }).prototype
    if (!prototype) continue
    for (const name of ['constructor', 'toResizableBuffer', 'toFixedLengthBuffer'])
      Reflect.deleteProperty(prototype, name)
  }
}
