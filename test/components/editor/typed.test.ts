/** What the editor knows of the platform and its libraries: types of what a notebook names, and words for all of it. */
import { beforeAll, describe, expect, test } from 'vitest'
import type { Library } from '../../../components/editor/language/library.ts'
import { buildLibraries, open, type Opened } from './open.ts'

let libraries: { [name: string]: Library }
let opened: Opened
beforeAll(async () => {
  libraries = await buildLibraries()
  opened = open(libraries, ['learn', 'plotly', 'tfjs', 'danfojs'])
}, 60_000)
const check = (...cells: Parameters<Opened['set']>): Promise<string[]> => {
  opened.set(...cells)
  return opened.check()
}
const wordsOf = (source: string): string => {
  opened.set([source])
  return opened.language.hover('c1', source.length - 1)?.text ?? ''
}

describe('underlines', () => {
  test('a wrong parameter, and one used as another type, in another cell', async () => {
    const declare =
      "const given = parameters({ hours: { default: 24, min: 1 }, host: 'web-1', on: true })\nconst { hours, host } = given"
    expect(await check([declare], ['hours.toFixed() + host.length + Number(given.on)'])).toEqual([])
    expect(await check([declare], ['given.huors'], ['const n: number = host'], ['hours.length'])).toEqual([
      expect.stringMatching(/^c2: huors: Property 'huors' does not exist .* Did you mean 'hours'\?$/),
      expect.stringMatching(/^c3: n: Type 'string' is not assignable to type 'number'/),
      expect.stringMatching(/^c4: length: Property 'length' does not exist on type 'number'/),
    ])
  })
  test('a wrong field of a message in a handler, and of its window', async () => {
    expect(
      await check(
        ["await streams.on('live', {}, ({ message }) => ({ value: message.body.valeu }))"],
        [
          "await streams.on('live', { window: { type: 'tumbling', size: '1 h' } }, ({ window, messages }) => ({ value: window.strat + messages[0]!.body.valeu }))",
        ],
      ),
    ).toEqual([
      expect.stringMatching(/^c1: valeu: Property 'valeu' does not exist/),
      expect.stringMatching(/^c2: strat: Property 'strat' does not exist/),
      expect.stringMatching(/^c2: valeu: Property 'valeu' does not exist/),
    ])
    expect(await check(["await streams.on('nowhere', {}, () => undefined)"])).toEqual([
      expect.stringMatching(/^c1: 'nowhere': /),
    ])
  })
  test('a wrong feature of a model, a wrong member of the SDK, of learn, of tf and of a figure', async () => {
    expect(
      await check(
        [
          "const m = await models.load('detector@champion')\nconst name: 'vlaue' = m.signature.features[0].name",
        ],
        ['objects.lst()'],
        ['learn.robustZed'],
        ['tf.tensro([1])'],
        ["plot([{ type: 'scater' }])"],
        ["ui.slider('a', { mx: 3 })"],
      ),
    ).toEqual([
      expect.stringMatching(/^c1: name: Type '"value"' is not assignable to type '"vlaue"'/),
      expect.stringMatching(/^c2: lst: /),
      expect.stringMatching(/^c3: robustZed: /),
      expect.stringMatching(/^c4: tensro: /),
      expect.stringMatching(/^c5: type: /),
      expect.stringMatching(/^c6: mx: /),
    ])
  })
  test('an input’s value by its kind', async () => {
    expect(
      await check(
        ["const n = ui.slider('n', { max: 3 }), c = ui.select('c', ['a', 'b'])"],
        ['n.value.toFixed()'],
        ["c.value === 'd'"],
      ),
    ).toEqual([expect.stringMatching(/^c3: /)])
  })
})

describe('words', () => {
  test.each([
    'objects.table',
    'objects.list',
    'objects.get',
    'objects.create',
    'streams.list',
    'act.webhook',
    'streams.recent',
    'streams.on',
    'models.load',
    'models.save',
    'act.alert',
    'sql',
    'notebooks.run',
    'fetch',
    'parameters',
    'result',
    'progress',
    'plot.line',
    'show.markdown',
    'ui.slider',
    'learn.robustZ.fit',
    'learn.isolationForest.fit',
    'tf.tensor',
    'tf.zeros',
    'dfd.DataFrame',
    'dfd.readCSV',
  ])('%s', (source) => {
    expect(wordsOf(source)).not.toBe('')
  })
})
