/**
 * UTF-8 for the isolate, which has no TextEncoder or TextDecoder. Runs of ASCII, which is most of what crosses, are
 * taken 8 KB at a time; bad bytes become U+FFFD and lone surrogates are encoded as it.
 */
const chunk = 8192

export function decodeUtf8(bytes: Uint8Array): string {
  const parts: string[] = []
  let at = 0
  while (at < bytes.length) {
    let end = at
    const limit = Math.min(bytes.length, at + chunk)
    while (end < limit && bytes[end]! < 0x80) end++
    if (end > at) {
      parts.push(String.fromCharCode.apply(null, bytes.subarray(at, end) as unknown as number[]))
      at = end
      continue
    }
    const units: number[] = []
    while (at < limit && bytes[at]! >= 0x80) at = decodeOne(bytes, at, units)
    parts.push(String.fromCharCode.apply(null, units))
  }
  return parts.join('')
}

function decodeOne(bytes: Uint8Array, at: number, units: number[]): number {
  const first = bytes[at]!
  const length = first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0
  let point = length === 4 ? first & 0x07 : length === 3 ? first & 0x0f : first & 0x1f
  let read = 1
  while (read < length && ((bytes[at + read] ?? 0) & 0xc0) === 0x80)
    point = (point << 6) | (bytes[at + read++]! & 0x3f)
  const whole = length > 0 && read === length && first < 0xf5
  const fits =
    length === 4
      ? point >= 0x10000 && point <= 0x10ffff
      : length === 3
        ? point >= 0x800 && (point < 0xd800 || point > 0xdfff)
        : true
  if (!whole || !fits) units.push(0xfffd)
  else if (point > 0xffff)
    units.push(0xd800 + ((point - 0x10000) >> 10), 0xdc00 + ((point - 0x10000) & 0x3ff))
  else units.push(point)
  return at + read
}

export function encodeUtf8(text: string): Uint8Array {
  let bytes = new Uint8Array(text.length + (text.length >> 2) + 16)
  let at = 0
  for (let i = 0; i < text.length; i++) {
    if (at + 4 > bytes.length) {
      const larger = new Uint8Array(bytes.length * 2)
      larger.set(bytes)
      bytes = larger
    }
    let point = text.charCodeAt(i)
    if (point < 0x80) {
      bytes[at++] = point
      continue
    }
    if (point >= 0xd800 && point <= 0xdfff) {
      const low = text.charCodeAt(i + 1)
      if (point < 0xdc00 && low >= 0xdc00 && low <= 0xdfff) {
        point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00)
        i++
      } else point = 0xfffd
    }
    if (point < 0x800) bytes[at++] = 0xc0 | (point >> 6)
    else {
      if (point < 0x10000) bytes[at++] = 0xe0 | (point >> 12)
      else {
        bytes[at++] = 0xf0 | (point >> 18)
        bytes[at++] = 0x80 | ((point >> 12) & 0x3f)
      }
      bytes[at++] = 0x80 | ((point >> 6) & 0x3f)
    }
    bytes[at++] = 0x80 | (point & 0x3f)
  }
  return bytes.slice(0, at)
}
