import { beforeAll, describe, expect, test } from 'vitest'
import type { Library } from '../../../components/editor/language/library.ts'
import { findLibraries } from '../../../components/editor/language/library.ts'
import { buildLibraries, open, type Opened } from './open.ts'

let libraries: { [name: string]: Library }
let opened: Opened
beforeAll(async () => {
  libraries = await buildLibraries()
  opened = open(libraries, ['learn', 'plotly'])
}, 60_000)
const names = (source: string, at = source.length) => {
  opened.set([source])
  return opened.language.complete('c1', at).map((one) => one.name)
}

describe('faults', () => {
  const faultsOf = (...cells: Parameters<Opened['set']>) => {
    opened.set(...cells)
    return opened.check()
  }
  test('none for top-level await, imports anywhere, expressions at the end, values of other cells', async () => {
    expect(
      await faultsOf(
        ["const limit = 5\nconst temps = await objects.table('temps')"],
        ['-- name: rows\nselect * from temps where value > ${limit}', 'sql'],
        ['# text with ${limit}', 'markdown'],
        ["import { streams as live } from 'suricate'\nlive.list()"],
        ['rows.column("value").length + temps.length'],
        ['const pick = (column: string) => [rows.numbers(column), rows.column(column).length]'],
        ['for (const row of rows) console.log(row.value * 2)'],
        ['parameters({ hours: { default: 24 }, host: "a" }).hours.toFixed()'],
        ['throw new Error("stop")'],
        ['const after: number = limit'],
      ),
    ).toEqual([])
  })
  test('a package without types is a warning that says so', async () => {
    expect(await faultsOf(["import { rollup } from 'd3-array'\nrollup(1).anything"])).toEqual([
      "c1: 'd3-array': No types of d3-array are known here, so what it exports is of any type. It can be imported when it is a package of the project.",
    ])
    expect(opened.told().map(({ severity }) => severity)).toEqual(['warning'])
  })
  test('a wrong column of an object, of a SQL cell and of a query in a template', async () => {
    expect(
      await faultsOf(
        ["const temps = await objects.table('temps')\ntemps.column('valeu')"],
        ['-- name: rows\nselect * from temps where value > ${5}', 'sql'],
        ['rows.row(0).vlaue'],
        ["const more = await sql`select * from temps where value > ${1}`\nmore.numbers('host')"],
        ["plot.line(temps, { x: 'timestamp', y: 'valu' })"],
      ),
    ).toEqual([
      `c1: 'valeu': Argument of type '"valeu"' is not assignable to parameter of type '"timestamp" | "value" | "host"'.`,
      `c3: vlaue: Property 'vlaue' does not exist on type 'RowOf<{ timestamp: "time"; value: "number"; }>'. Did you mean 'value'?`,
      `c4: 'host': Argument of type '"host"' is not assignable to parameter of type '"timestamp" | "value"'.`,
      expect.stringMatching(/^c5: y: Type '"valu"' is not assignable/),
    ])
  })
  test('a wrong name, field and feature; a computed name may be any', async () => {
    expect(
      await faultsOf(
        ["await objects.table('nowhere')\nawait objects.text('nowhere')"],
        ["const [last] = await streams.recent('live')\nlast!.body.valeu"],
        ["await models.load('detector@champion')\nawait models.load('other@3')"],
        ["const { signature } = await models.load('detector')\nsignature.features[0].name === 'wert'"],
        [
          "const name = 'a' + Math.random()\nawait objects.table(name)\nawait streams.recent(`${name}-x`)\nmodels.load(name)",
        ],
      ),
    ).toEqual([
      `c1: 'nowhere': Argument of type '"nowhere"' is not assignable to parameter of type '"temps"'.`,
      `c1: 'nowhere': Argument of type '"nowhere"' is not assignable to parameter of type '"temps"'.`,
      `c2: valeu: Property 'valeu' does not exist on type '{ at: string; value: number; }'. Did you mean 'value'?`,
      `c3: 'other@3': Argument of type '"other@3"' is not assignable to parameter of type '"detector"'.`,
      expect.stringContaining('This comparison appears to be unintentional'),
    ])
  })
  test('a cell that does not parse is told by itself; the others stay right', async () => {
    expect(
      await faultsOf(['const a = 1'], ['function open() {\n  const text = `'], ['a.toFixed()'], ['if (a) {']),
    ).toEqual(['c2: `: Unterminated template literal.', expect.stringMatching(/^c4: /)])
  })
  test('two cells that declare the same name are told in words of the notebook', async () => {
    const found = await faultsOf(['const limit = 1'], ['const limit = 2'])
    expect(found).toEqual([
      expect.stringMatching(/^c1: limit: limit is declared in cell 2 too/),
      expect.stringMatching(/^c2: limit: limit is declared in cell 1 too/),
    ])
  })
})

describe('answers', () => {
  test('complete: names of other cells, members, columns, names of the workspace', () => {
    opened.set(['const history = 1'], ['hist'])
    expect(opened.language.complete('c2', 4).map((one) => one.name)).toContain('history')
    expect(names('learn.robustZ.')).toEqual(expect.arrayContaining(['fit', 'score']))
    expect(names("objects.table('')", 15)).toEqual(['temps'])
    expect(names("streams.recent('')", 16)).toEqual(['live'])
    expect(names("models.load('')", 13)).toEqual(['detector'])
    expect(names("const t = await objects.table('temps')\nt.column('')", 49)).toEqual([
      'timestamp',
      'value',
      'host',
    ])
    expect(names("plot([{ type: '' }])", 15)).toEqual(expect.arrayContaining(['scatter', 'heatmap']))
  })
  test('complete: works where the cell does not parse yet, before cells that do', () => {
    opened.set(['const rows = [{ a: 1 }]'], ['rows.map((row) => row.'], ['const later = 1'])
    expect(opened.language.complete('c2', 22).map((one) => one.name)).toContain('a')
  })
  test('hover and describe: type and documentation', () => {
    opened.set(['learn.robustZ.score'])
    expect(opened.language.hover('c1', 15)).toEqual({
      code: expect.stringContaining('function score(model') as string,
      text: expect.stringContaining('A score for each row') as string,
      span: { cell: 'c1', start: 14, length: 5 },
    })
    expect(opened.language.describe('c1', 14, 'fit')?.code).toContain('X: MatrixLike')
  })
  test('sign: parameters of a call', () => {
    opened.set(["objects.create('x', "])
    const found = opened.language.sign('c1', 20, { kind: 'invoked' })
    expect([found?.parameter, found?.signatures[0]?.parameters.map((one) => one.label)]).toEqual([
      1,
      [
        'name: string',
        expect.stringContaining('data:') as string,
        expect.stringContaining('options?:') as string,
      ],
    ])
  })
  test('define, refer, rename: across cells, also the variable of a SQL cell', () => {
    opened.set(['-- name: rows\nselect 1', 'sql'], ['const n = rows.length'], ['({ rows })'])
    expect(opened.language.define('c2', 11)).toEqual([{ cell: 'c1', start: 9, length: 4 }])
    expect(opened.language.refer('c2', 11).map((span) => span.cell)).toEqual(['c1', 'c2', 'c3'])
    expect(opened.language.canRename('c2', 11)).toEqual({ span: { cell: 'c2', start: 10, length: 4 } })
    expect(opened.language.rename('c2', 11, 'all')).toEqual([
      { cell: 'c1', start: 9, length: 4, text: 'all' },
      { cell: 'c2', start: 10, length: 4, text: 'all' },
      { cell: 'c3', start: 3, length: 4, text: 'rows: all' },
    ])
    opened.set(['objects.list()'])
    expect(opened.language.canRename('c1', 9)).toEqual({ span: { cell: 'c1', start: 8, length: 4 } })
    expect(opened.language.rename('c1', 9, 'x')).toEqual({ reason: 'Its name belongs to a library.' })
    expect(opened.language.define('c1', 9)[0]?.library).toContain("declare module 'suricate'")
  })
  test('format: the edits of a cell by itself; none where it does not parse', () => {
    opened.set(['const  a=1'], ['if ('])
    expect(opened.language.format('c1', 2)).toEqual([
      { cell: 'c1', start: 5, length: 2, text: ' ' },
      { cell: 'c1', start: 8, length: 0, text: ' ' },
      { cell: 'c1', start: 9, length: 0, text: ' ' },
    ])
    expect(opened.language.format('c2', 2)).toEqual([])
  })
  test('tables: what SQL can name, with columns', () => {
    opened.set(["const few = [{ a: 1, b: 'x' }]\nconst t = await objects.table('temps')\nconst n = 1"])
    const columns = (...of: [string, string][]) => of.map(([name, type]) => ({ name, type }))
    expect(opened.language.tables()).toEqual([
      {
        name: 'temps',
        kind: 'object',
        columns: columns(['timestamp', 'time'], ['value', 'number'], ['host', 'text']),
      },
      { name: 'live', kind: 'stream', columns: columns(['at', 'string'], ['value', 'number']) },
      { name: 'few', kind: 'variable', columns: columns(['a', 'number'], ['b', 'string']) },
      {
        name: 't',
        kind: 'variable',
        columns: columns(['timestamp', 'time'], ['value', 'number'], ['host', 'text']),
      },
    ])
  })
})

describe('libraries', () => {
  test('findLibraries: what the text mentions, with what that needs', () => {
    expect(findLibraries('learn.median(x)', new Set())).toEqual(['learn'])
    expect(findLibraries('new dfd.DataFrame()', new Set(['plotly']))).toEqual(['danfojs', 'tfjs'])
    expect(findLibraries("import { sum } from 'lodash-es'", new Set())).toEqual(['lodash-es'])
  })
  test('dfd, tf and packages are typed once loaded, and anything before', async () => {
    const cells: Parameters<Opened['set']> = [
      ['const frame = new dfd.DataFrame([[1, 2]])\nframe.shape.nothing'],
      ['tf.tensor([1]).dataSync().nothing'],
      ["import { sumBy } from 'lodash-es'\nsumBy([1], 2, 3)"],
      ["import { addDays } from 'date-fns'\naddDays(new Date(), 1).nothing"],
      ["import { mean } from 'simple-statistics'\nmean([1]).nothing"],
      ["import { table } from 'arquero'\ntable({ a: [1] }).nothing"],
    ]
    const before = open(libraries, [])
    before.set(cells[0]!, cells[1]!)
    expect(await before.check()).toEqual([])
    const all = open(libraries, Object.keys(libraries))
    all.set(...cells)
    expect((await all.check()).map((fault) => fault.split(': ')[0])).toEqual([
      'c1',
      'c2',
      'c3',
      'c4',
      'c5',
      'c6',
    ])
  }, 60_000)
})
