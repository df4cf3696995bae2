/**
 * A picture of a figure as the sandboxed frame gave it, checked before it is saved: the frame runs what a notebook wrote
 * to draw, so that its type, its size and its beginning are looked at, and an SVG with anything that acts is refused.
 */
export type PictureFormat = 'png' | 'svg'
export interface Picture {
  bytes: Uint8Array<ArrayBuffer>
  mediaType: string
}
const maxCharacters = 30_000_000
const acts =
  /<\s*(script|foreignobject|iframe|object|embed|link|meta|animate|set|handler)\b|\son[a-z]+\s*=|javascript:|<!entity/i

/** undefined for what is no such picture. */
export function parsePicture(format: PictureFormat, value: unknown): Picture | undefined {
  if (typeof value !== 'string' || value.length > maxCharacters) return undefined
  return format === 'png' ? parsePng(value) : parseSvg(value)
}
function parsePng(value: string): Picture | undefined {
  const found = /^data:image\/png;base64,([A-Za-z0-9+/]+=*)$/.exec(value)
  if (!found) return undefined
  const bytes = Uint8Array.from(atob(found[1]!), (character) => character.charCodeAt(0))
  const isPng = [137, 80, 78, 71, 13, 10, 26, 10].every((byte, i) => bytes[i] === byte)
  return isPng ? { bytes, mediaType: 'image/png' } : undefined
}
function parseSvg(value: string): Picture | undefined {
  const found = /^data:image\/svg\+xml(?:;charset=utf-8)?,/i.exec(value)
  if (!found) return undefined
  let text: string
  try {
    text = decodeURIComponent(value.slice(found[0].length))
  } catch {
    return undefined
  }
  if (!/^\s*<svg[\s>]/.test(text) || acts.test(text)) return undefined
  const links = [...text.matchAll(/\b(?:xlink:)?href\s*=\s*["']([^"']*)/gi)]
  if (links.some(([, to]) => !/^(#|data:image\/(png|jpeg);)/.test(to ?? ''))) return undefined
  return { bytes: new TextEncoder().encode(text), mediaType: 'image/svg+xml' }
}
