import { expect, test } from 'vitest'
import { mean, median, mode, std, variance } from '../../../runtime/guest/toolkit/statistics.ts'
import { toText, toUtf8 } from '../../../runtime/guest/toolkit/utf8.ts'

test('the statistics are those of a sample', () => {
  const values = [2, 4, 4, 4, 5, 5, 7, 9]
  expect({
    mean: mean(values),
    median: median(values),
    mode: mode(values),
    variance: variance(values),
    std: std(values),
  }).toEqual({ mean: 5, median: 4.5, mode: [4], variance: 32 / 7, std: Math.sqrt(32 / 7) })
  expect(median([3, 1, 2])).toBe(2)
  expect(mode(['a', 'b', 'b', 'a'])).toEqual(['a', 'b'])
  expect(variance([5])).toBe(0)
})

test('the statistics refuse an empty list', () => {
  for (const statistic of [mean, median, mode, variance, std])
    expect(() => statistic([])).toThrow('empty array')
})

test('toUtf8 and toText agree with the platform', () => {
  const text = 'a\u{7f}é\u{7ff}\u{800}€\u{ffff}😀\u{10ffff}'
  expect(toUtf8(text)).toEqual(new Uint8Array(new TextEncoder().encode(text)))
  expect(toText(new TextEncoder().encode(text))).toBe(text)
  expect(toUtf8('\ud800')).toEqual(Uint8Array.of(0xef, 0xbf, 0xbd))
  expect(toText(Uint8Array.of(0x61, 0x80, 0xe2, 0x82))).toBe('a\ufffd\ufffd')
})
