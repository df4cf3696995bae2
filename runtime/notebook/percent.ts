/**
 * A notebook as one `.ts` file: `// %%` starts a TypeScript cell, `// %% [markdown]` a Markdown cell whose lines are
 * comments, `// %% [sql]` an SQL cell likewise. The form for git.
 */
export interface PercentCell {
  type: 'typescript' | 'sql' | 'markdown'
  source: string
}

export function parsePercent(text: string): PercentCell[] {
  const cells: PercentCell[] = []
  const [before, ...blocks] = text.replaceAll('\r\n', '\n').split(/^\/\/ %%/m)
  cells.push({ type: 'typescript', source: (before ?? '').trim() })
  for (const block of blocks) {
    const end = block.indexOf('\n')
    const head = (end === -1 ? block : block.slice(0, end)).trim()
    const body = end === -1 ? '' : block.slice(end + 1)
    const type = head.startsWith('[markdown]') ? 'markdown' : head.startsWith('[sql]') ? 'sql' : 'typescript'
    const source = type === 'typescript' ? body : body.replaceAll(/^\/\/ ?/gm, '')
    cells.push({ type, source: source.trim() })
  }
  return cells.filter((cell) => cell.source !== '')
}
