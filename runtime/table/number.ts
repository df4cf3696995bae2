/**
 * Number columns, copied and not boxed. 64-bit integers become the narrowest lossless type when the column is complete:
 * integer, number, bigint, or text in a json column where there are nulls beyond 2^53.
 */
import { asBytes, type ColumnWriter, isValid, longs, type Numbers, read, view } from './vector.ts'

export function numbers(
  type: 'number' | 'integer' | 'time',
  size: number,
  to: (bytes: Uint8Array) => Numbers,
): ColumnWriter {
  const parts: Float64Array[] = []
  let missing = false
  let wide = type !== 'integer'
  return {
    add(chunk, column) {
      const [bytes, bits] = read(chunk, column, size)
      const part = new Float64Array(to(bytes))
      if (bits) {
        missing = true
        for (let row = 0; row < part.length; row++) if (!isValid(bits, row)) part[row] = NaN
      }
      if (!wide && size === 4) wide = part.some((value) => value > 2_147_483_647)
      parts.push(part)
      return part.byteLength
    },
    finish() {
      if (type === 'integer' && !missing && !wide)
        return { type, parts: parts.map((part) => asBytes(new Int32Array(part))) }
      return { type: type === 'time' ? type : 'number', parts: parts.map(asBytes) }
    },
  }
}

export function bigints(): ColumnWriter {
  const parts: { data: Int32Array; bits: Uint8Array | undefined }[] = []
  let missing = false
  let fits32 = true
  let fits53 = true
  return {
    add(chunk, column) {
      const [bytes, bits] = read(chunk, column, 8)
      const data = view(Int32Array, bytes.slice())
      if (bits) missing = true
      for (let i = 0; i < data.length; i += 2) {
        if (bits && !isValid(bits, i >> 1)) continue
        const high = data[i + 1]!
        if (high !== data[i]! >> 31) fits32 = false
        if (high < -2_097_152 || high >= 2_097_152) fits53 = false
      }
      parts.push({ data, bits: bits?.slice() })
      return bytes.byteLength
    },
    finish() {
      if (!missing && fits32)
        return {
          type: 'integer',
          parts: parts.map(({ data }) => {
            const low = new Int32Array(data.length / 2)
            for (let i = 0; i < low.length; i++) low[i] = data[2 * i]!
            return asBytes(low)
          }),
        }
      if (fits53)
        return {
          type: 'number',
          parts: parts.map(({ data, bits }) => {
            const out = longs(asBytes(data), (value) => value)
            if (bits) for (let row = 0; row < out.length; row++) if (!isValid(bits, row)) out[row] = NaN
            return asBytes(out)
          }),
        }
      if (!missing) return { type: 'bigint', parts: parts.map(({ data }) => asBytes(data)) }
      const texts = parts.flatMap(({ data, bits }) =>
        Array.from(new BigInt64Array(data.buffer, data.byteOffset, data.length / 2), (value, row) =>
          bits && !isValid(bits, row) ? null : String(value),
        ),
      )
      return { type: 'json', parts: [Buffer.from(JSON.stringify(texts))] }
    },
  }
}

/** 128-bit and unsigned 64-bit integers, by value: numbers while all are exact as such. */
export function wideIntegers(): ColumnWriter {
  const all: (bigint | null)[] = []
  return {
    add(chunk, column) {
      for (const value of chunk.getColumnValues(column)) all.push(value as bigint | null)
      return chunk.rowCount * 24
    },
    finish() {
      const present = all.filter((value) => value !== null)
      const within = (bits: number): boolean => present.every((value) => BigInt.asIntN(bits, value) === value)
      if (present.length === all.length && within(32))
        return { type: 'integer', parts: [asBytes(Int32Array.from(present, Number))] }
      if (within(54))
        return {
          type: 'number',
          parts: [asBytes(Float64Array.from(all, (value) => (value === null ? NaN : Number(value))))],
        }
      if (present.length === all.length && within(64))
        return { type: 'bigint', parts: [asBytes(BigInt64Array.from(present))] }
      const texts = all.map((value) => (value === null ? null : String(value)))
      return { type: 'json', parts: [Buffer.from(JSON.stringify(texts))] }
    },
  }
}
