/** Plain values as names beside values; deeper ones as JSON. */
import { toCell, toFigure } from './format.ts'
import { CodeBlock, Facts } from './parts.tsx'

export function JsonView({ value, label }: { value: unknown; label: string }) {
  if (value === null || value === undefined) return <p className="dim">None.</p>
  if (typeof value === 'object' && !Array.isArray(value)) {
    const entries = Object.entries(value)
    if (entries.length === 0) return <p className="dim">None.</p>
    if (entries.length <= 24 && entries.every(([, item]) => item === null || typeof item !== 'object'))
      return (
        <Facts
          items={entries.map(([key, item]) => [
            key,
            typeof item === 'number' ? toFigure(item) : toCell(item),
          ])}
        />
      )
  }
  return <CodeBlock label={`Copy ${label}`} text={JSON.stringify(value, null, 2)} />
}
