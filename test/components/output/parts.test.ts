import { describe, expect, test } from 'vitest'
import { parsePicture } from '../../../components/output/picture.ts'
import { estimateLeft } from '../../../components/output/progress.ts'
import { parseFrames } from '../../../components/output/stack.ts'
import { cutText } from '../../../components/output/text.ts'

describe('parsePicture', () => {
  const png = (bytes: number[]) => `data:image/png;base64,${Buffer.from(bytes).toString('base64')}`
  const svg = (text: string) => `data:image/svg+xml,${encodeURIComponent(text)}`
  const start = [137, 80, 78, 71, 13, 10, 26, 10]
  test('takes a PNG by its first bytes, and an SVG without what acts', () => {
    expect(parsePicture('png', png([...start, 1]))).toEqual({
      bytes: Uint8Array.from([...start, 1]),
      mediaType: 'image/png',
    })
    const picture = parsePicture('svg', svg('<svg><text>a</text><use href="#x"/></svg>'))
    expect(new TextDecoder().decode(picture!.bytes)).toBe('<svg><text>a</text><use href="#x"/></svg>')
  })
  test.each([
    ['png', undefined],
    ['png', {}],
    ['png', png([1, 2, 3])],
    ['png', 'data:text/html;base64,aGk='],
    ['png', svg('<svg/>')],
    ['svg', png(start)],
    ['svg', 'data:image/svg+xml,%E0%A4%A'],
    ['svg', svg('<html><svg/></html>')],
    ['svg', svg('<svg><script>1</script></svg>')],
    ['svg', svg('<svg onload="x()"/>')],
    ['svg', svg('<svg><foreignObject/></svg>')],
    ['svg', svg('<svg><a href="https://x.example">a</a></svg>')],
    ['svg', svg('<svg><image xlink:href="data:image/svg+xml,x"/></svg>')],
    ['png', `data:image/png;base64,${'A'.repeat(30_000_001)}`],
  ] as const)('refuses %s %#', (format, value) => {
    expect(parsePicture(format, value)).toBe(undefined)
  })
})

test('estimateLeft: by the speed so far, rounded to what anybody knows', () => {
  expect([
    estimateLeft({ done: 10, total: 40, elapsedMs: 5000 }),
    estimateLeft({ done: 10, total: 40, elapsedMs: 5000, from: 5 }),
    estimateLeft({ done: 1, total: 1000, elapsedMs: 1234 }),
    estimateLeft({ done: 1, total: 40, elapsedMs: 10 }),
    estimateLeft({ done: 40, total: 40, elapsedMs: 5000 }),
    estimateLeft({ done: 0, total: 40, elapsedMs: 5000 }),
    estimateLeft({ done: 1, total: 2 }),
  ]).toEqual([15_000, 30_000, 1_260_000, undefined, undefined, undefined, undefined])
})
test('parseFrames: finds the place of a cell in each line', () => {
  expect(parseFrames('at f (cell 2:3:14)\nat native')).toEqual([
    { before: 'at f (', place: { text: 'cell 2:3:14', cell: '2', line: 3, column: 14 }, after: ')' },
    { before: 'at native', place: null, after: '' },
  ])
})
test('cutText: whole lines, or characters where a line is long; a little more is not cut', () => {
  const lines = (count: number) => Array.from({ length: count }, (_, i) => `line ${i}`).join('\n')
  expect(cutText(lines(45))).toEqual({ shown: lines(45), lines: 0, characters: 0 })
  expect(cutText(lines(100))).toEqual({
    shown: lines(40),
    lines: 60,
    characters: expect.any(Number) as number,
  })
  expect(cutText('x'.repeat(10_000))).toEqual({ shown: 'x'.repeat(6000), lines: 0, characters: 4000 })
})
