import { expect, test } from 'vitest'
import { toCsv, toPlain } from '../../components/output/text.ts'
import { toBytes, toDuration, toFigure } from '../../components/ui/format.ts'

test('toPlain: colours of terminals, control and direction characters go', () => {
  expect(toPlain('\u001b[31mred\u001b[0m\u0000 a\u202eb\n\tc')).toBe('red ab\n\tc')
})
test('toPlain: cuts what is too long and says so', () => {
  expect(toPlain('x'.repeat(200_010)).slice(-25)).toBe('x\n… 10 more characters'.padStart(25, 'x'))
})
test('toCsv: quotes, and keeps formulas as text', () => {
  expect(
    toCsv(
      ['a', 'b'],
      [
        ['x,"y"', 1],
        ['=1+1', null],
        [-2, { k: 1 }],
      ],
    ),
  ).toBe('a,b\n"x,""y""",1\n\'=1+1,\n-2,"{""k"":1}"')
})
test('figures have three significant digits and their unit', () => {
  expect([
    toFigure(1234.5),
    toFigure(0.12345),
    toFigure(12),
    toBytes(1_234_567),
    toDuration(84),
    toDuration(61_000),
  ]).toEqual(['1,235', '0.123', '12', '1.23 MB', '84 ms', '1 min 1 s'])
})
