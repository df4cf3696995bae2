/**
 * What a bare isolate lacks and magic-string and Sucrase's map writer expect at load: a TextDecoder. They decode the
 * text of source maps alone, which is ASCII. Imported first by the compiler's entry.
 */
class AsciiDecoder {
  decode(bytes: Uint8Array): string {
    let text = ''
    for (let from = 0; from < bytes.length; from += 4096)
      text += String.fromCharCode(...bytes.subarray(from, from + 4096))
    return text
  }
}

if (typeof TextDecoder === 'undefined') Object.assign(globalThis, { TextDecoder: AsciiDecoder })
