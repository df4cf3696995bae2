import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Cell } from '../../runtime/api/notebooks.ts'
import { formatPercent, parsePercent, parseScript } from '../../runtime/notebook/percent.ts'

const cell = (source: string, type: Cell['type'] = 'typescript', id = 'c1'): Cell => ({ id, type, source })

describe('formatPercent', () => {
  test('is plain where the text is plain', () => {
    const cells = [
      cell('# A title\n\nand text', 'markdown'),
      cell('const a = 1\n\na'),
      cell('select 1', 'sql'),
    ]
    const text =
      '// %% [markdown]\n// # A title\n//\n// and text\n\n// %%\nconst a = 1\n\na\n\n// %% [sql]\n// select 1\n'
    expect(formatPercent(cells, { ids: false })).toBe(text)
    expect(parsePercent(text)).toEqual(cells.map(({ type, source }) => ({ type, source })))
  })
  test('keeps ids, view, metadata, and what it tells of the whole', () => {
    const cells: Cell[] = [
      { ...cell('1', 'raw', 'a_1'), metadata: { tags: ['x'], suricate: { language: 'python' } } },
      { ...cell('2'), view: { folded: true, codeHidden: true } },
    ]
    const text = formatPercent(cells, { head: { name: 'Stand guard', kind: 'processing', tags: ['a'] } })
    expect(text.split('\n')[0]).toBe(
      '// %% [notebook] {"name":"Stand guard","kind":"processing","tags":["a"]}',
    )
    expect(parseScript(text)).toEqual({ name: 'Stand guard', kind: 'processing', tags: ['a'], cells })
  })
  test('escapes lines that look like markers', () => {
    const source = '// %%\n// \\%% twice\nconst text = `\n// %% [sql]\n`'
    const text = formatPercent([cell(source)])
    expect(text.match(/^\/\/ %%/gm)).toHaveLength(1)
    expect(parsePercent(text)).toEqual([cell(source)])
  })
})

describe('parseScript', () => {
  test('takes what people write: titles, text before the first cell, lines without a comment sign', () => {
    expect(
      parsePercent(
        '// a note\n\n// %% Load the data\n\nload()\n\n\n// %% [markdown]\n# Plain\n// commented\n// %%\n',
      ),
    ).toEqual([
      { type: 'typescript', source: '// a note' },
      { type: 'typescript', source: 'load()' },
      { type: 'markdown', source: '# Plain\ncommented' },
    ])
  })
  test('of a file with CRLF and a byte order mark is the same', () => {
    const cells = [cell('a\nb\n'), cell('x\r\ny', 'markdown', 'c2')]
    const text = `\uFEFF${formatPercent(cells).replaceAll('\n', '\r\n')}`
    expect(parsePercent(text)).toEqual(cells)
  })
  test('names the line of wrong options', () => {
    expect(() => parsePercent('1\n// %% {"id": }\n2')).toThrow('Line 2: what follows "// %%" is no JSON')
  })
  test('reads the samples', () => {
    const cells = parsePercent(readFileSync('examples/machine-temperature/guard.ts', 'utf8'))
    expect(cells.map(({ type }) => type)).toEqual(['markdown', 'typescript', 'typescript'])
    expect(cells[0]!.source.startsWith('# Stand guard\nHolds the live stream')).toBe(true)
  })
})

const odd = ['\n', '\r\n', '\r', '// %%', '// %% [sql]', '// \\%%', '%% x', '\\%% y', ' ', '\t', '//', '// ']
const piece = fc.oneof(
  fc.constantFrom(...odd, '{"exact":true}', '\ud800', '\udc00', '😀', '\u2028', '\uFEFF', '\0', '`', 'a'),
  fc.string({ unit: 'binary', maxLength: 4 }),
)
const source = fc.array(piece, { maxLength: 12 }).map((parts) => parts.join(''))
const cells = fc.uniqueArray(
  fc.record({
    id: fc.stringMatching(/^[A-Za-z0-9_-]{1,12}$/),
    type: fc.constantFrom('typescript' as const, 'markdown' as const, 'sql' as const, 'raw' as const),
    source,
  }),
  { selector: ({ id }) => id, maxLength: 6 },
)
test('every list of cells comes back as it was, through UTF-8 and through a change of line ends', () => {
  fc.assert(
    fc.property(cells, (list) => {
      const text = new TextDecoder().decode(new TextEncoder().encode(formatPercent(list)))
      expect(parsePercent(text)).toEqual(list)
      expect(parsePercent(text.replaceAll('\n', '\r\n'))).toEqual(list)
      const bare = list.map(({ type, source }) => ({ type, source }))
      expect(parsePercent(formatPercent(list, { ids: false }))).toEqual(bare)
    }),
    { numRuns: 3000 },
  )
})
