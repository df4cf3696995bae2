import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { Ajv } from 'ajv/dist/ajv.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Cell } from '../../runtime/api/notebooks.ts'
import type { Output } from '../../runtime/api/runs.ts'
import { formatIpynb } from '../../runtime/notebook/ipynb/format.ts'
import { type ImportedNotebook, parseIpynb } from '../../runtime/notebook/ipynb/parse.ts'
import { parsePercent } from '../../runtime/notebook/percent.ts'

interface File {
  cells: { [member: string]: unknown; outputs?: { [member: string]: unknown }[] }[]
  metadata: { [member: string]: unknown }
}
const folder = 'test/data/nbformat'
const read = (path: string): string => readFileSync(path, 'utf8')
const official = (name: string): string => read(`${folder}/${name}.ipynb`)
const schema = JSON.parse(read(`${folder}/nbformat.v4.5.schema.json`)) as { $schema?: string }
delete schema.$schema
const validate = new Ajv({ strict: false, allErrors: true }).compile(schema)
const faults = (text: string): string[] => {
  validate(JSON.parse(text))
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`)
}
let count = 0
const parse = (text: string): ImportedNotebook => parseIpynb(text, () => `new${++count}`)
const toOutputs = ({ outputs }: ImportedNotebook): Output[] =>
  outputs.map((output, i) => ({ ...output, seq: i + 1, at: 0 }))
const format = (notebook: ImportedNotebook, name = 'N'): string =>
  formatIpynb({ name, kind: 'analytics', tags: [], ...notebook }, toOutputs(notebook))
const refuse = (change: (file: File) => void): (() => void) => {
  const file = JSON.parse(read('test/data/deno.ipynb')) as File
  change(file)
  return () => parse(JSON.stringify(file))
}

describe('the schema of nbformat 4.5', () => {
  test.each(['test4.5', 'v4_5_invalid_metadata'])('judges %s as nbformat says', (name) => {
    expect(faults(official(name)).length > 0).toBe(name.includes('invalid'))
  })
})

describe('notebooks of the world go in and out', () => {
  const samples = globSync('examples/*/*.ts').map((path) => {
    const name = basename(path, '.ts')
    const cells = parsePercent(read(path))
    const text = formatIpynb(
      { name, kind: 'processing', tags: ['a'], cells: cells.map((cell, i) => ({ ...cell, id: `c${i}` })) },
      [],
    )
    return [path, text] as const
  })
  const officials = [
    'test4.5',
    'test4docinfo',
    'test4custom',
    'test4jupyter_metadata_timings',
    'many_tracebacks',
  ]
  test.each([
    ...officials.map((name) => [name, official(name)] as const),
    ['deno', read('test/data/deno.ipynb')] as const,
    ...samples,
  ])('%s', (_, text) => {
    expect(samples.length).toBeGreaterThan(1)
    const first = parse(text)
    const out = format(first)
    expect(faults(out)).toEqual([])
    const { notices: _notices, name: _name, ...second } = parse(out)
    const { notices: _before, name: _same, ...expected } = first
    expect(second).toEqual({ kind: 'analytics', ...expected, metadata: second.metadata })
    const [given, written] = [text, out].map((one) => JSON.parse(one) as File)
    expect(written!.metadata).toMatchObject(
      Object.fromEntries(Object.entries(given!.metadata).filter(([key]) => key !== 'suricate')),
    )
    const essence = ({ cells }: File) =>
      cells.map(({ cell_type, source, metadata, outputs }) => ({
        cell_type,
        metadata,
        source: [source].flat().join(''),
        outputs: outputs?.map(({ output_type, name, ename, text }) => [
          output_type,
          name,
          ename,
          [text].flat().join(''),
        ]),
      }))
    expect(essence(written!)).toEqual(essence(given!))
  })
})

describe('parseIpynb', () => {
  test('takes TypeScript for what it is, with ids, outputs and metadata', () => {
    const { cells, outputs, notices } = parse(read('test/data/deno.ipynb'))
    expect(notices).toEqual([])
    expect(cells.map(({ id, type }) => [id, type])).toEqual([
      ['welcome', 'markdown'],
      ['measure', 'typescript'],
      ['draw', 'typescript'],
      ['table', 'typescript'],
      ['wrong', 'typescript'],
      ['note', 'raw'],
      ['later', 'typescript'],
    ])
    expect(cells[5]).toEqual({
      id: 'note',
      type: 'raw',
      source: 'Kept as it is.',
      metadata: { format: 'text/plain' },
    })
    expect(outputs.map(({ cell, kind, data }) => [cell, kind, Object.keys(data)])).toEqual([
      ['measure', 'stdout', ['text/plain']],
      ['measure', 'result', ['text/plain']],
      ['draw', 'display', ['image/svg+xml', 'text/plain']],
      ['table', 'result', ['text/markdown']],
      ['wrong', 'error', ['application/vnd.suricate.error+json', 'text/plain']],
    ])
    expect(outputs[4]!.data['application/vnd.suricate.error+json']).toEqual({
      name: 'TypeError',
      message: 'the thermometer is broken',
      stack: 'Stack trace:\nTypeError: the thermometer is broken\n    at <anonymous>:1:7',
    })
  })
  test('keeps other languages as text, says so, and writes them as code again', () => {
    const notebook = parse(official('test4.5'))
    expect(notebook.cells.map(({ type }) => type)).not.toContain('typescript')
    expect(notebook.notices).toEqual([
      '4 code cells in python are kept as text: TypeScript, JavaScript and SQL execute here.',
    ])
    expect(notebook.cells[3]!.metadata).toEqual({ suricate: { language: 'python' } })
    const changed = notebook.cells.map((cell, i) =>
      i === 3 ? { ...cell, type: 'typescript' as const } : cell,
    )
    const again = parse(format({ ...notebook, cells: changed }))
    expect(again.cells[3]!.type).toBe('typescript')
    expect(again.cells[5]!.type).toBe('raw')
  })
  test('reads cells of several languages, hidden code and attachments', () => {
    const file = {
      nbformat: 4,
      nbformat_minor: 5,
      metadata: { kernelspec: { name: 'python3', display_name: 'Python' } },
      cells: [
        { cell_type: 'code', metadata: { vscode: { languageId: 'javascript' } }, source: 'a', outputs: [] },
        {
          cell_type: 'code',
          metadata: { vscode: { languageId: 'sql' } },
          source: ['select\n', '1'],
          outputs: [],
        },
        { cell_type: 'code', metadata: { jupyter: { source_hidden: true } }, source: 'b', outputs: [] },
        {
          cell_type: 'markdown',
          metadata: {},
          source: '![](attachment:a.png)',
          attachments: { 'a.png': { 'image/png': 'AAAA' } },
        },
      ],
    }
    const notebook = parse(JSON.stringify(file))
    expect(notebook.cells.map(({ id: _, ...cell }) => cell)).toEqual([
      { type: 'typescript', source: 'a', metadata: { vscode: { languageId: 'javascript' } } },
      { type: 'sql', source: 'select\n1', metadata: { vscode: { languageId: 'sql' } } },
      {
        type: 'raw',
        source: 'b',
        view: { codeHidden: true },
        metadata: { jupyter: { source_hidden: true }, suricate: { language: 'python3' } },
      },
      {
        type: 'markdown',
        source: '![](attachment:a.png)',
        metadata: { suricate: { attachments: { 'a.png': { 'image/png': 'AAAA' } } } },
      },
    ])
    expect(faults(format(notebook))).toEqual([])
    expect(parse(format(notebook)).cells).toEqual(notebook.cells)
  })
  test('gives new ids for missing, wrong and repeated ones', () => {
    const { cells, notices } = parse(official('invalid_unique_cell_id'))
    expect(new Set(cells.map(({ id }) => id)).size).toBe(2)
    expect(notices[1]).toBe('cells[1].id is "dup", the id of an earlier cell; the cell has a new one.')
  })
  test('reads later formats and tells what it left out', () => {
    const { notices } = parse(official('test4plus'))
    expect(notices.slice(1)).toEqual([
      'cells[9] is a "future cell", a kind of later formats; its text is kept.',
      'cells[10].outputs[1] is of a kind of later formats and was left out.',
    ])
  })
  test.each([
    ['broken JSON', () => parse('{"cells": ['), 'The file is no JSON, so it is no .ipynb notebook'],
    ['a list', () => parse('[]'), 'the notebook is a list; it must be an object with nbformat and cells.'],
    ['other JSON', () => parse('{"a": 1}'), 'nbformat is missing; it must be 4.'],
    ['nbformat 3', () => parse(official('test3')), 'This notebook has nbformat 3; nbformat 4 is read here.'],
    [
      'cells of another form',
      refuse((file) => (file.cells = {} as never)),
      'cells is an object; it must be a list.',
    ],
    [
      'a cell of another form',
      refuse((file) => (file.cells[1] = 3 as never)),
      'cells[1] is 3; it must be an object.',
    ],
    [
      'a source of another form',
      refuse((file) => (file.cells[1]!['source'] = ['a', 7])),
      'cells[1].source[1] is 7; it must be a text.',
    ],
    [
      'an unknown kind of cell',
      refuse((file) => (file.cells[0]!['cell_type'] = 'heading')),
      'cells[0].cell_type is "heading"; it must be code, markdown or raw.',
    ],
    [
      'an unknown output',
      refuse((file) => (file.cells[1]!.outputs![0]!['output_type'] = 'pyout')),
      'cells[1].outputs[0].output_type is "pyout"; it must be stream, display_data, execute_result or error.',
    ],
    [
      'an output of another form',
      refuse((file) => (file.cells[2]!.outputs![0]!['data'] = { 'image/png': { a: 1 } })),
      'cells[2].outputs[0].data["image/png"] is an object; it must be a text or a list of texts.',
    ],
    [
      '100,000 cells',
      refuse((file) => (file.cells = Array.from({ length: 100_000 }, () => file.cells[0]!))),
      'The notebook has 100,000 cells; at most 2,000 are possible. Split it.',
    ],
    ['deep nesting', () => parse('['.repeat(100_000)), 'nested deeper than 100 levels'],
  ])('refuses %s', (_, act, message) => {
    expect(act).toThrow(message)
  })
})

describe('formatIpynb', () => {
  const cell = (source: string, type: Cell['type'] = 'typescript', id = 'c1'): Cell => ({ id, type, source })
  const output = (seq: number, kind: Output['kind'], data: Output['data'], replaces?: number): Output => ({
    seq,
    cell: 'c1',
    kind,
    data,
    at: 0,
    ...(replaces === undefined ? {} : { replaces }),
  })
  test('writes tables, figures, progress, inputs and errors as other programs show them', () => {
    const table = {
      names: ['a', 'b'],
      types: { a: 'number', b: 'string' },
      length: 3,
      rows: [{ a: 1, b: '<x>' }],
    }
    const figure = { data: [{ y: [1, 2] }], layout: {} }
    const text = formatIpynb({ name: 'N', kind: 'analytics', tags: [], cells: [cell('1')] }, [
      output(1, 'stdout', { 'text/plain': 'a' }),
      output(2, 'stdout', { 'text/plain': 'b\nc' }),
      output(3, 'display', { 'application/vnd.suricate.table+json': table, 'text/plain': 'x' }),
      output(4, 'display', { 'application/vnd.plotly.v1+json': figure, 'text/plain': 'plot' }),
      output(5, 'progress', { 'application/vnd.suricate.progress+json': { done: 1, total: 4 } }),
      output(6, 'progress', { 'application/vnd.suricate.progress+json': { done: 4, total: 4 } }, 5),
      output(7, 'result', { 'text/plain': '1', 'text/odd': { a: 1 } }),
      output(8, 'error', { 'text/plain': 'Error: no' }),
    ])
    expect(faults(text)).toEqual([])
    expect((JSON.parse(text) as File).cells[0]!.outputs).toEqual([
      { name: 'stdout', output_type: 'stream', text: ['ab\n', 'c'] },
      {
        data: {
          'text/html': [
            '<table>\n',
            '<thead><tr><th>a</th><th>b</th></tr></thead>\n',
            '<tbody>\n',
            '<tr><td>1</td><td>&lt;x&gt;</td></tr>\n',
            '</tbody>\n',
            '</table>\n',
            '<p>1 of 3 rows</p>',
          ],
          'text/plain': ['x'],
          'application/vnd.suricate.table+json': table,
        },
        metadata: {},
        output_type: 'display_data',
      },
      {
        data: { 'application/vnd.plotly.v1+json': figure, 'text/plain': ['plot'] },
        metadata: {},
        output_type: 'display_data',
      },
      {
        data: {
          'text/plain': ['progress: 4 of 4'],
          'application/vnd.suricate.progress+json': { done: 4, total: 4 },
        },
        metadata: {},
        output_type: 'display_data',
      },
      {
        data: { 'text/plain': ['1'], 'text/odd': ['{"a":1}'] },
        execution_count: null,
        metadata: {},
        output_type: 'execute_result',
      },
      { ename: 'Error', evalue: 'Error: no', output_type: 'error', traceback: ['Error: no'] },
    ])
  })
  test('whatever cells, metadata and outputs there are, the file is valid and its texts come back', () => {
    const json = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<never>
    const member = fc.constantFrom(
      'tags',
      'name',
      'jupyter',
      'execution',
      'collapsed',
      'scrolled',
      'format',
      'vscode',
      'suricate',
      'x',
    )
    const cells = fc.uniqueArray(
      fc.record({
        id: fc.stringMatching(/^[A-Za-z0-9_-]{1,8}$/),
        type: fc.constantFrom<Cell['type'][]>('typescript', 'markdown', 'sql', 'raw'),
        source: fc.string({ unit: 'binary', maxLength: 20 }),
        view: fc.record({ folded: fc.boolean(), codeHidden: fc.boolean() }, { requiredKeys: [] }),
        metadata: fc.dictionary(member, json, { maxKeys: 3 }),
      }),
      { selector: ({ id }) => id, maxLength: 4 },
    )
    const mime = fc.constantFrom(
      'text/plain',
      'text/html',
      'application/json',
      'application/vnd.suricate.table+json',
      'application/vnd.suricate.error+json',
      'image/png',
    )
    const kind = fc.constantFrom<Output['kind'][]>(
      'stdout',
      'stderr',
      'display',
      'result',
      'progress',
      'error',
    )
    const outputs = fc.array(fc.tuple(kind, fc.dictionary(mime, json, { maxKeys: 3 })), { maxLength: 4 })
    fc.assert(
      fc.property(
        cells,
        outputs,
        fc.dictionary(
          fc.constantFrom('kernelspec', 'language_info', 'title', 'authors', 'orig_nbformat', 'x'),
          json,
        ),
        (list, shown, metadata) => {
          const given = shown.map(([one, data], i) => ({
            ...output(i + 1, one, data),
            cell: list[0]?.id ?? null,
          }))
          const text = formatIpynb({ name: 'N', kind: 'analytics', tags: [], cells: list, metadata }, given)
          expect(faults(text)).toEqual([])
          expect(parse(text).cells.map(({ id, source }) => [id, source])).toEqual(
            list.map(({ id, source }) => [id, source]),
          )
        },
      ),
      { numRuns: 500 },
    )
  })
})
