/** Patches, checked and applied in one place, so that both adapters change a document in exactly the same way. */
import { AppError } from '../error.ts'
import type { JsonObject } from '../json.ts'
import { isJsonObject } from '../json.ts'
import { toText } from './document.ts'
import type { Patch } from './port.ts'

/** invalid: unknown parts, bad paths, or two paths of which one contains the other. */
export function checkPatch(patch: Patch): void {
  for (const part of Object.keys(patch))
    if (part !== 'set' && part !== 'unset' && part !== 'increment')
      throw new AppError('invalid', `A patch has set, unset and increment; "${part}" is none of them.`)
  for (const [path, by] of Object.entries(patch.increment ?? {}))
    if (typeof by !== 'number' || !Number.isFinite(by))
      throw new AppError('invalid', `The increment of "${path}" must be a finite number.`, { path })
  for (const [path, value] of Object.entries(patch.set ?? {})) {
    if (value === undefined)
      throw new AppError('invalid', `The new value of "${path}" is undefined.`, { path })
    toText(value, `The new value of "${path}"`)
  }
  const paths = [
    ...Object.keys(patch.set ?? {}),
    ...(patch.unset ?? []),
    ...Object.keys(patch.increment ?? {}),
  ]
  for (const path of paths) checkPath(path)
  const sorted = paths.map((path) => `${path}.`).sort()
  for (const [i, path] of sorted.entries()) {
    const before = sorted[i - 1]
    if (before !== undefined && path.startsWith(before))
      throw new AppError(
        'invalid',
        `The paths "${before.slice(0, -1)}" and "${path.slice(0, -1)}" of a patch overlap.`,
      )
  }
}
function checkPath(path: string): void {
  const parts = path.split('.')
  if (parts.length > 20 || parts.some((part) => part === '' || part === '__proto__' || part.startsWith('$')))
    throw new AppError('invalid', `"${path}" is not a path of field names joined by dots.`, { path })
  if (parts[0] === 'id' || parts[0] === 'revision')
    throw new AppError('invalid', `"${parts[0]}" belongs to the store and cannot be changed.`, { path })
}
/** A changed copy; invalid when a path leads through something that is no object. */
export function applyPatch(document: JsonObject, patch: Patch): JsonObject {
  const result = structuredClone(document)
  for (const [path, value] of Object.entries(patch.set ?? {})) {
    const { parent, name } = walk(result, path, true)
    parent[name] = structuredClone(value)
  }
  for (const path of patch.unset ?? []) {
    const { parent, name } = walk(result, path, false)
    if (parent) delete parent[name]
  }
  for (const [path, by] of Object.entries(patch.increment ?? {})) {
    const { parent, name } = walk(result, path, true)
    const before = Object.hasOwn(parent, name) ? parent[name] : 0
    if (typeof before !== 'number')
      throw new AppError('invalid', `"${path}" cannot be incremented: it is not a number.`, { path })
    const sum = before + by
    if (!Number.isFinite(sum))
      throw new AppError('invalid', `"${path}" would not be finite any more.`, { path })
    parent[name] = sum
  }
  return result
}
function walk(root: JsonObject, path: string, create: true): { parent: JsonObject; name: string }
function walk(root: JsonObject, path: string, create: boolean): { parent?: JsonObject; name: string }
function walk(root: JsonObject, path: string, create: boolean): { parent?: JsonObject; name: string } {
  const parts = path.split('.')
  const name = parts.pop() ?? ''
  let parent = root
  for (const part of parts) {
    if (!Object.hasOwn(parent, part)) {
      if (!create) return { name }
      parent[part] = {}
    }
    const next = parent[part]
    if (!isJsonObject(next))
      throw new AppError('invalid', `"${path}" leads through "${part}", which is not an object.`, { path })
    parent = next
  }
  return { parent, name }
}
