/** Text of notebooks as the page shows it: no control characters, no colours of terminals, not without end. */
const shown = 200_000
export function toPlain(text: string): string {
  const plain = text
    .replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, '')
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g, '')
  return plain.length > shown ? `${plain.slice(0, shown)}\n… ${plain.length - shown} more characters` : plain
}
/** A table as CSV; what a spreadsheet would take for a formula is kept as text. */
export function toCsv(names: string[], rows: unknown[][]): string {
  const field = (value: unknown): string => {
    let text =
      value === null || value === undefined
        ? ''
        : typeof value === 'object'
          ? JSON.stringify(value)
          : String(value)
    if (typeof value === 'string' && /^[=+\-@\t]/.test(text)) text = `'${text}`
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
  return [names, ...rows].map((row) => row.map(field).join(',')).join('\n')
}
const shownLines = 40
const shownCharacters = 6000
/** The beginning of what is longer than a glance takes: whole lines where they are not too long themselves. */
export function cutText(text: string): { shown: string; lines: number; characters: number } {
  const all = text.split('\n')
  if (all.at(-1) === '') all.pop()
  const some = all.length > shownLines + 5 ? all.slice(0, shownLines).join('\n') : text
  const shown = some.length > shownCharacters * 1.2 ? some.slice(0, shownCharacters) : some
  const lines = shown.length < text.length ? all.length - shown.split('\n').length : 0
  return { shown, lines: Math.max(0, lines), characters: text.length - shown.length }
}
export function download(name: string, content: string | Uint8Array<ArrayBuffer>, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 1000)
}
