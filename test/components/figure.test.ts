import { describe, expect, test } from 'vitest'
import { heightOf, parseFigure } from '../../components/output/figure.ts'

describe('parseFigure', () => {
  test('takes data and layout as they are', () => {
    const figure = { data: [{ type: 'scatter', x: [1, 2], y: [3, 4] }], layout: { title: { text: 'a' } } }
    expect(parseFigure(figure)).toEqual(figure)
  })
  test('refuses what is not a figure, an unknown trace and too many traces', () => {
    expect([
      parseFigure(null),
      parseFigure({ data: 1 }),
      parseFigure({ data: ['x'] }),
      parseFigure({ data: [{ type: 'iframe' }] }),
      parseFigure({ data: Array.from({ length: 101 }, () => ({})) }),
    ]).toEqual([undefined, undefined, undefined, undefined, undefined])
  })
  test('leaves links, images from elsewhere and prototype keys behind', () => {
    const given = JSON.parse(
      '{"data":[{"name":"<a href=\\"javascript:alert(1)\\">n</a>","__proto__":{"x":1}}],"layout":{"images":[{"source":"https://x"}]}}',
    ) as unknown
    expect(parseFigure(given)).toEqual({ data: [{ name: 'n' }], layout: {} })
  })
  test('heightOf is bounded', () => {
    const of = (height: unknown) => heightOf({ data: [], layout: { height } })
    expect([of(undefined), of(10), of(500), of(1e9), of('x')]).toEqual([320, 80, 500, 2000, 320])
  })
})
