/**
 * Markdown as HTML: GFM and math (as MathML), raw HTML shown as text, links to the web and mail alone. Pictures are
 * those of the cell's attachments; others are their text, as an exported page loads nothing.
 */
import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'
import { math, mathHtml } from 'micromark-extension-math'
import type { JsonObject } from '../json.ts'
import { isJsonObject } from '../json.ts'
import { escapeHtml } from './table-text.ts'

const placeholder = 'https://attachment.invalid/'
const pictures = ['image/png', 'image/jpeg', 'image/gif', 'image/webp']

export function renderMarkdown(text: string, attachments: JsonObject = {}): string {
  const named = text.replaceAll(/\]\(attachment:([^)\s]+)/g, (_, name: string) => `](${placeholder}${name}`)
  const html = micromark(named, {
    extensions: [gfm(), math()],
    htmlExtensions: [
      gfmHtml(),
      mathHtml({ output: 'mathml', throwOnError: false, strict: false, trust: false }),
    ],
  })
  return html.replaceAll(/<img src="([^"]*)" alt="([^"]*)"[^>]*>/g, (_, source: string, alt: string) => {
    const data = source.startsWith(placeholder)
      ? toDataUrl(attachments, decode(source.slice(placeholder.length)))
      : undefined
    return data === undefined ? `<em>${alt}</em>` : `<img src="${data}" alt="${alt}">`
  })
}

function toDataUrl(attachments: JsonObject, name: string): string | undefined {
  const bundle = Object.hasOwn(attachments, name) ? attachments[name] : undefined
  if (!isJsonObject(bundle)) return undefined
  for (const mime of pictures) {
    const data = [bundle[mime]].flat().join('').replaceAll(/\s/g, '')
    if (data !== '' && /^[A-Za-z0-9+/]+=*$/.test(data)) return escapeHtml(`data:${mime};base64,${data}`)
  }
  return undefined
}
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
