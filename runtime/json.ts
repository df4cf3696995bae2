/** JSON as a type. Everything that crosses a process, a store or the network is one of these. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether this JSON text nests at most `depth` levels; by the text, because what walks values recurses. */
export function isShallow(text: string, depth: number): boolean {
  let openings = 0
  for (const bracket of ['{', '['])
    for (let at = text.indexOf(bracket); at >= 0 && openings <= depth; at = text.indexOf(bracket, at + 1))
      openings++
  if (openings <= depth) return true
  let level = 0
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (quoted) {
      if (code === 0x5c) i += 1
      else if (code === 0x22) quoted = false
    } else if (code === 0x22) quoted = true
    else if (code === 0x7b || code === 0x5b) {
      if (++level > depth) return false
    } else if (code === 0x7d || code === 0x5d) level -= 1
  }
  return true
}
