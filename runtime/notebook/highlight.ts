/** Source as HTML with the classes of highlight.js; of a language that it does not know, and when long, as plain text. */
import hljs from 'highlight.js/lib/core'
import bash from 'highlight.js/lib/languages/bash'
import python from 'highlight.js/lib/languages/python'
import r from 'highlight.js/lib/languages/r'
import sql from 'highlight.js/lib/languages/sql'
import typescript from 'highlight.js/lib/languages/typescript'
import { escapeHtml } from './table-text.ts'

const maxLength = 200_000
for (const [name, language] of Object.entries({ bash, python, r, sql, typescript }))
  hljs.registerLanguage(name, language)

export function highlight(source: string, language: string): string {
  const name = language.toLowerCase().replace(/^i?python\d*$/, 'python')
  if (source.length > maxLength || !hljs.getLanguage(name)) return escapeHtml(source)
  return hljs.highlight(source, { language: name, ignoreIllegals: true }).value
}
