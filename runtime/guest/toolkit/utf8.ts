/** UTF-8 without TextEncoder, which an isolate lacks. Lone surrogates and wrong bytes become U+FFFD. */
export function toUtf8(text: string): Uint8Array {
  const bytes: number[] = []
  for (const character of text) {
    const point = character.codePointAt(0)!
    const code = point >= 0xd800 && point <= 0xdfff ? 0xfffd : point
    if (code < 0x80) bytes.push(code)
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), tail(code))
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), tail(code >> 6), tail(code))
    else bytes.push(0xf0 | (code >> 18), tail(code >> 12), tail(code >> 6), tail(code))
  }
  return Uint8Array.from(bytes)
}

function tail(bits: number): number {
  return 0x80 | (bits & 0x3f)
}

export function toText(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at++]!
    const more = first < 0x80 ? 0 : first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1
    let code = more === 0 ? first : first & (0x3f >> more)
    let read = 0
    for (; read < more && (bytes[at]! & 0xc0) === 0x80; read++) code = (code << 6) | (bytes[at++]! & 0x3f)
    const isWrong =
      read < more || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) || (first & 0xc0) === 0x80
    text += String.fromCodePoint(isWrong ? 0xfffd : code)
  }
  return text
}
