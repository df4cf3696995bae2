import type { PanelProps } from './panel.ts'

/** The cells by their first line, headings by their text. */
export function Outline({ draft, onGo }: PanelProps) {
  return (
    <ol className="outline">
      {draft.cells.map((cell, index) => {
        const { text, heading } = toTitle(cell.source)
        return (
          <li key={cell.id} data-heading={heading || undefined}>
            <button type="button" onClick={() => onGo(cell.id)}>
              <span className="dim">{index + 1}</span> {text}
            </button>
          </li>
        )
      })}
    </ol>
  )
}
/** The first line that says something; of a heading its text and how deep it is (0: none). */
export function toTitle(source: string): { text: string; heading: number } {
  const first = source.split('\n').find((line) => line.trim() !== '') ?? '(empty)'
  const heading = /^(#{1,3})\s+(.*)$/.exec(first)
  return { text: heading ? heading[2]! : first.slice(0, 80), heading: heading ? heading[1]!.length : 0 }
}
