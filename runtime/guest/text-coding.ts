/** TextEncoder and TextDecoder for packages, which take them for granted: UTF-8 alone. */
import { decodeUtf8, encodeUtf8 } from './sdk/utf8.ts'

export class TextEncoder {
  readonly encoding = 'utf-8'
  encode(text = ''): Uint8Array {
    return encodeUtf8(String(text))
  }
  encodeInto(text: string, target: Uint8Array): { read: number; written: number } {
    let read = 0
    let written = 0
    for (const character of text) {
      const bytes = encodeUtf8(character)
      if (written + bytes.length > target.length) break
      target.set(bytes, written)
      read += character.length
      written += bytes.length
    }
    return { read, written }
  }
}

export class TextDecoder {
  readonly encoding = 'utf-8'
  readonly fatal: boolean
  readonly ignoreBOM: boolean
  constructor(label = 'utf-8', options: { fatal?: boolean; ignoreBOM?: boolean } = {}) {
    if (!/^\s*(?:unicode-1-1-)?utf-?8\s*$/i.test(label))
      throw new RangeError(`Only utf-8 can be decoded here, not ${label}.`)
    this.fatal = options.fatal === true
    this.ignoreBOM = options.ignoreBOM === true
  }
  decode(given?: ArrayBuffer | ArrayBufferView): string {
    if (given === undefined) return ''
    const bytes = ArrayBuffer.isView(given)
      ? new Uint8Array(given.buffer, given.byteOffset, given.byteLength)
      : new Uint8Array(given)
    const text = decodeUtf8(bytes)
    if (this.fatal && text.includes('\ufffd') && !hasReplacement(bytes))
      throw new TypeError('The bytes are not UTF-8.')
    return !this.ignoreBOM && text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
  }
}

/** U+FFFD as itself among the bytes. */
function hasReplacement(bytes: Uint8Array): boolean {
  for (let i = 0; i + 2 < bytes.length; i++)
    if (bytes[i] === 0xef && bytes[i + 1] === 0xbf && bytes[i + 2] === 0xbd) return true
  return false
}
