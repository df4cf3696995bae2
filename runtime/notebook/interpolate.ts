/**
 * Values in the text of a Markdown cell: `${name}` becomes what the kernel holds under that name, as text and never as
 * Markdown. What has no value (another expression, a name that no cell has made yet) stays as it was written, as code.
 */
import { findInterpolations } from './interpolation.ts'

export function interpolate(markdown: string, valueOf: (name: string) => string | undefined): string {
  let text = ''
  let last = 0
  for (const { expression, start, end } of findInterpolations(markdown)) {
    const value = valueOf(expression)
    text += markdown.slice(last, start)
    text += value === undefined ? toCode(markdown.slice(start, end)) : escapeMarkdown(toText(value))
    last = end
  }
  return text + markdown.slice(last)
}

/** A preview of a string is its text without the quotes. */
function toText(preview: string): string {
  const quoted = /^(['"`])([^]*)\1$/.exec(preview)
  return quoted ? quoted[2]! : preview
}
function escapeMarkdown(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>()#+\-.!|~$&:@]/g, String.raw`\$&`).replaceAll(/\s*\n\s*/g, ' ')
}
function toCode(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((ticks) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return longest === 0 ? `${fence}${text}${fence}` : `${fence} ${text} ${fence}`
}
