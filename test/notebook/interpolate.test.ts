import { expect, test } from 'vitest'
import { interpolate } from '../../runtime/notebook/interpolate.ts'

const values: Record<string, string> = {
  n: '3',
  name: "'web-1'",
  evil: "'<b>*x* [a](javascript:b)'",
  two: 'a\n  b',
}
const valueOf = (name: string) => values[name]

test('interpolate puts the value of a name, without the quotes of a text', () => {
  expect(interpolate('${n} hosts, first ${ name }', valueOf)).toBe('3 hosts, first web\\-1')
})
test('a value is text, never Markdown, and stays on its line', () => {
  expect(interpolate('${evil}', valueOf)).toBe('\\<b\\>\\*x\\* \\[a\\]\\(javascript\\:b\\)')
  expect(interpolate('# ${two}', valueOf)).toBe('# a b')
})
test('what has no value stays as it was written, as code', () => {
  expect(interpolate('${missing} ${n + `1`}', valueOf)).toBe('`${missing}` `` ${n + `1`} ``')
})
test('code and what is escaped are left alone', () => {
  expect(interpolate('`${n}` \\${n} $n', valueOf)).toBe('`${n}` \\${n} $n')
})
