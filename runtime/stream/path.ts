import type { Json } from '../json.ts'

const parsed = new Map<string, (string | number)[]>()

function toSteps(path: string): (string | number)[] {
  let steps = parsed.get(path)
  if (!steps) {
    steps = path
      .replace(/^\$\.?/, '')
      .split(/\.|(?=\[)/)
      .map((step) => (/^\[\d+\]$/.test(step) ? Number(step.slice(1, -1)) : step))
    if (parsed.size > 1000) parsed.clear()
    parsed.set(path, steps)
  }
  return steps
}

/** The value at `a.b[0].c`; a field whose own name has the dots comes first. undefined when there is none. */
export function getPath(body: Json, path: string): Json | undefined {
  if (typeof body !== 'object' || body === null) return undefined
  if (Object.hasOwn(body, path)) return (body as { [key: string]: Json })[path]
  let value: Json | undefined = body
  for (const step of toSteps(path)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as { [key: string | number]: Json })[step]
  }
  return value
}
