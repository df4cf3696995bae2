/** Variables that a query names by its tables: what refers to them, where they live, and what the script calls. */
import { expect, test } from 'vitest'
import { compileCell } from '../../runtime/javascript/compile.ts'
import { analyzeCell } from '../../runtime/notebook/analysis.ts'
import { findStale, toProgram } from '../../runtime/notebook/program.ts'

const calls = (source: string): string[] =>
  [...compileCell(source).code.matchAll(/__suricate\.sql\(sql,(\[.*?\])\)/g)].map(([, names]) => names!)

test.each<[string, string[]]>([
  ['await sql`from a join b using (x)`', ['["a","b"]']],
  ['const t = await sql`select * from t`', []],
  ['const t = [1]; const u = await sql`from t`', ['["t"]']],
  ['const u = await sql`from t`; const t = [1]', []],
  ['const f = () => sql`from t`; const t = [1]', ['["t"]']],
  ['function f(t) { return sql`from t` }', []],
  ['const sql = String.raw; sql`from t`', []],
  ['{ const sql = String.raw; sql`from t` }', []],
  ['other.sql`from t`', []],
  ['await sql`from "a b", streams.c, variables.d, objects.e where x > ${limit}`', ['["d"]']],
  ['await sql<Row>`from t`', ['["t"]']],
  ['await sql`select 1 -- from t`', []],
])('compileCell: %s', (source, expected) => {
  expect(calls(source)).toEqual(expected)
})

test('a SQL cell refers to the variables that it names, at their lines', () => {
  expect(
    analyzeCell({
      type: 'sql',
      source: '-- name: out\\nselect *\\nfrom rows r\\njoin out o on true'.replaceAll('\\n', '\n'),
    }),
  ).toMatchObject({
    declares: ['out'],
    references: ['rows', 'sql'],
    direct: ['rows', 'sql'],
    places: { rows: { line: 3, column: 1 } },
    error: null,
  })
})
test('a SQL cell is stale when a cell that makes its variable was edited, and needs it to be above', () => {
  const cell = (id: string, type: 'sql' | 'typescript', source: string) => ({ id, type, source })
  const made = cell('a', 'typescript', 'const rows = [{ x: 1 }]')
  const used = cell('b', 'sql', '-- name: out\nselect * from rows')
  const last = cell('c', 'typescript', 'out.length')
  const program = toProgram([made, used, last])
  expect(program.edges).toEqual([
    { from: 'a', to: 'b', names: ['rows'] },
    { from: 'b', to: 'c', names: ['out'] },
  ])
  expect(program.problems).toEqual([])
  const ran = new Map([made, used, last].map(({ id, source }, i) => [id, { source, at: i + 1 }]))
  const edited = toProgram([{ ...made, source: 'const rows = []' }, used, last])
  expect([...findStale(edited, ran)]).toEqual([
    ['a', 'edited'],
    ['b', 'uses rows'],
    ['c', 'uses out'],
  ])
  expect(toProgram([used, made]).problems.map(({ kind, name }) => [kind, name])).toEqual([
    ['use-before', 'rows'],
  ])
})
