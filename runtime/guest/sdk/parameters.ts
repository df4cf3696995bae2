/**
 * `parameters({...})`: the values of this run over the defaults; the host is told the schema. In a kernel the values may
 * change from one execution to the next: the host hands them over through a handler of the face's own, the first that
 * is registered.
 */
import type { JsonObject } from '../../json.ts'
import { fillParameters, toParameterSchema } from '../../notebook/parameters.ts'
import type { Suricate } from '../../sdk/interface.ts'
import type { Bridge } from '../bridge.ts'
import { toJson } from './json.ts'

export function createParameters(bridge: Bridge): Suricate['parameters'] {
  let changed: JsonObject | undefined
  bridge.handler((input) => {
    changed = input['parameters'] as JsonObject
  })
  return ((spec: unknown) => {
    const schema = toParameterSchema(toJson(spec))
    // Nobody waits for it, and a kernel that ends meanwhile rejects it.
    bridge.call('parameters.declare', [schema]).catch(() => undefined)
    return Object.freeze(fillParameters(schema, changed ?? bridge.parameters))
  }) as Suricate['parameters']
}
