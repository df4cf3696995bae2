/** `parameters({...})`: the values of this run over the defaults; the host is told the schema. */
import { fillParameters, toParameterSchema } from '../../notebook/parameters.ts'
import type { Suricate } from '../../sdk/interface.ts'
import type { Bridge } from '../bridge.ts'
import { toJson } from './json.ts'

export function createParameters(bridge: Bridge): Suricate['parameters'] {
  return ((spec: unknown) => {
    const schema = toParameterSchema(toJson(spec))
    // Nobody waits for it, and a kernel that ends meanwhile rejects it.
    bridge.call('parameters.declare', [schema]).catch(() => undefined)
    return Object.freeze(fillParameters(schema, bridge.parameters))
  }) as Suricate['parameters']
}
