/**
 * Rows between the caller and the thread of the log: numbers in one typed array, texts end to end in one string with
 * their lengths. Cloning an array of as many values costs the two sides more than writing the rows does.
 */
export interface PackedRows {
  count: number
  /** Those of the first row, then those of the second, … */
  numbers: Float64Array
  /** In UTF-16 units; -1: null. */
  lengths: Int32Array
  text: string
}
export interface RowReader {
  /** The numbers of the row, from here on. */
  readonly at: number
  /** The next text, in the order in which they were put. */
  text(): string | null
}

export function packRows<T>(
  rows: readonly T[],
  per: { numbers: number; texts: number },
  fill: (row: T, numbers: Float64Array, at: number, put: (text: string | null) => void) => void,
): PackedRows {
  const numbers = new Float64Array(rows.length * per.numbers)
  const lengths = new Int32Array(rows.length * per.texts)
  const texts: string[] = []
  let next = 0
  const put = (text: string | null): void => {
    if (text === null) lengths[next++] = -1
    else {
      lengths[next++] = text.length
      texts.push(text)
    }
  }
  for (let i = 0; i < rows.length; i++) fill(rows[i]!, numbers, i * per.numbers, put)
  return { count: rows.length, numbers, lengths, text: texts.join('') }
}

/** Calls `take` with each row; it takes every text of it. */
export function readRows(packed: PackedRows, perNumbers: number, take: (row: RowReader) => void): void {
  const { lengths, text } = packed
  let next = 0
  let place = 0
  const row = {
    at: 0,
    text(): string | null {
      const length = lengths[next++]!
      if (length < 0) return null
      const from = place
      place += length
      return text.slice(from, place)
    },
  }
  for (let i = 0; i < packed.count; i++, row.at += perNumbers) take(row)
}
