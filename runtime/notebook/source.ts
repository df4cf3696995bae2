/**
 * The TypeScript that executes for a cell. A SQL cell becomes one call of the `sql` tag on the same lines, so that what
 * stands in `${...}` is a bound parameter; its result has the name of a first line `-- name: history`, else `_`.
 */
import type { Cell } from '../api/notebooks.ts'

const nameLine = /^\s*--\s*name:\s*([A-Za-z_$][\w$]*)\s*$/

/** undefined where nothing executes. */
export function toSource(cell: Pick<Cell, 'type' | 'source'>): string | undefined {
  if (cell.type === 'markdown' || cell.type === 'raw') return undefined
  if (cell.type === 'typescript') return cell.source
  if (cell.source.trim() === '') return undefined
  const name = nameLine.exec(cell.source.split('\n', 1)[0] ?? '')?.[1] ?? '_'
  return `const ${name} = await sql\`${escape(cell.source)}\`\n${name}`
}

/** Text outside `${...}` for a template literal. */
function escape(text: string): string {
  let result = ''
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!
    if (depth === 0) {
      if (char === '$' && text[i + 1] === '{') {
        depth = 1
        result += '${'
        i++
      } else result += char === '`' || char === '\\' ? `\\${char}` : char
      continue
    }
    if (char === '{') depth++
    if (char === '}') depth--
    result += char
  }
  return result
}
