/** Reading what the tests of the algorithms compare with. */
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'

export function readReference<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../reference/${name}.json`, import.meta.url), 'utf8')) as T
}

export interface Csv {
  names: string[]
  rows: string[][]
}

/** A CSV file without quoted fields, by its path from the root. */
export function readCsv(path: string): Csv {
  const text = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
  const [names = [], ...rows] = text
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','))
  return { names, rows }
}

export function readColumn(path: string, name: string): Float64Array {
  const { names, rows } = readCsv(path)
  const at = names.indexOf(name)
  return Float64Array.from(rows, (row) => Number(row[at]))
}

/** Features and labels of one of the ADBench tables, whose last column is the label. */
export function readLabelled(name: string): { X: number[][]; labels: number[] } {
  const { rows } = readCsv(`test/data/adbench/${name}.csv`)
  const numbers = rows.map((row) => row.map(Number))
  return { X: numbers.map((row) => row.slice(0, -1)), labels: numbers.map((row) => row.at(-1)!) }
}

/** Equal lists to 1e-9, relative to values above 1. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length)
  for (let index = 0; index < expected.length; index++) {
    const tolerance = 1e-9 * Math.max(1, Math.abs(expected[index]!))
    const distance = Math.abs(actual[index]! - expected[index]!)
    if (!(distance <= tolerance))
      expect({ index, value: actual[index] }).toEqual({ index, value: expected[index] })
  }
}
