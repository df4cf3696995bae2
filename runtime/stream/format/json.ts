import { AppError, toMessage } from '../../error.ts'
import { isShallow, type Json } from '../../json.ts'

/** How deep a body may be nested, in every format: what comes after walks it by recursion. */
export const maxDepth = 64

/** invalid: not JSON, or nested too deep for what comes after. */
export function parseJson(text: string): Json {
  if (text.length > 2 * maxDepth && !isShallow(text, maxDepth))
    throw new AppError('invalid', `The JSON is nested deeper than ${maxDepth}.`)
  try {
    return JSON.parse(text) as Json
  } catch (error) {
    throw new AppError('invalid', `Not JSON: ${toMessage(error).slice(0, 200)}`)
  }
}
