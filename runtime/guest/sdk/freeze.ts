/** Freezes plain objects and functions with everything they hold, as deep as they go. */
export function freeze<T extends object>(value: T): T {
  if (Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const key of Reflect.ownKeys(value)) {
    const part = (value as { [key: PropertyKey]: unknown })[key]
    if ((typeof part === 'object' && part !== null) || typeof part === 'function') freeze(part)
  }
  return value
}
