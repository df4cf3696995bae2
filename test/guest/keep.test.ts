/** What becomes of tables that are longer than their output. */
import { describe, expect, test } from 'vitest'
import type { Bridge } from '../../runtime/guest/bridge.ts'
import { createFace } from '../../runtime/guest/face.ts'
import { decodeUtf8 } from '../../runtime/guest/sdk/utf8.ts'
import type { Json } from '../../runtime/json.ts'

const tableMime = 'application/vnd.suricate.table+json'
interface Sent {
  name: string
  args: Json[]
  frames: Uint8Array[]
}
function open(answer: (call: Sent) => Json = () => ({ ref: 'tbl_1' })) {
  const sent: Sent[] = []
  const outputs: Parameters<Bridge['output']>[0][] = []
  const bridge: Bridge = {
    async call(name, args, frames = []) {
      if (name === 'sql')
        return {
          value: { names: ['v', 'w'], types: ['number', 'text'], rows: 150, from: 'res_1' },
          binary: [
            new Uint8Array(new Float64Array(150).buffer),
            new TextEncoder().encode(JSON.stringify(Array(150).fill('é'))),
          ],
        }
      const call = { name, args, frames }
      sent.push(call)
      return { value: answer(call), binary: [] }
    },
    output: (output) => void outputs.push(output),
    handler: () => 'h',
    parameters: {},
    kind: 'analytics',
    inHandler: () => false,
    place: () => ({ cell: 'a', execution: 1 }),
    setResult: () => undefined,
    inspect: String,
  }
  const table = (at: number) => outputs[at]!.data[tableMime] as { ref?: string; note?: string; rows: Json[] }
  return { face: createFace(bridge), sent, outputs, table }
}
const rows = (length: number) => Array.from({ length }, (_, i) => ({ n: i, t: i % 2 ? null : `t${i}` }))

describe('show of a long table', () => {
  test('shows the first rows at once and replaces them with a reference to all', async () => {
    const { face, sent, outputs, table } = open()
    face.show(rows(101))
    expect([outputs.length, table(0).ref]).toEqual([1, undefined])
    await face.settle(undefined)
    expect(outputs.map(({ id }) => id)).toEqual(['table 1', 'table 1'])
    expect([table(1).ref, table(1).rows.length]).toEqual(['tbl_1', 100])
    expect(sent.map(({ name, args }) => [name, args])).toEqual([
      ['tables.keep', [{ names: ['n', 't'], types: ['number', 'text'], rows: 101 }]],
    ])
    const [numbers, texts] = sent[0]!.frames
    expect(new Float64Array(numbers!.buffer)[100]).toBe(100)
    expect((JSON.parse(decodeUtf8(texts!)) as Json[]).slice(0, 2)).toEqual(['t0', null])
  })
  test('a short one is an output and nothing else', () => {
    const { face, sent, outputs } = open()
    face.show(rows(100))
    expect(face.settle(undefined)).toBeUndefined()
    expect([sent, outputs.length]).toEqual([[], 1])
  })
  test('what took its place meanwhile stays', async () => {
    const { face, outputs, table } = open()
    face.show(rows(200), { id: 'x' })
    face.show('later', { id: 'x' })
    await face.settle(undefined)
    expect(outputs.length).toBe(2)
    face.show(rows(200), { id: 'y' })
    face.show(rows(300), { id: 'y' })
    await face.settle(undefined)
    expect([outputs.length, table(4).ref, table(4).rows.length]).toEqual([5, 'tbl_1', 100])
  })
  test('the reason is told when it cannot be kept, and of many only some are', async () => {
    const { face, outputs, table } = open(() => {
      throw new Error('Too much.')
    })
    face.show(rows(101))
    await face.settle(undefined)
    expect(table(1).note).toBe('Too much.')
    for (let i = 0; i < 21; i++) face.show(rows(101), { id: `n${i}` })
    await face.settle(undefined)
    expect(outputs.filter((_, i) => table(i).note?.includes('20 tables'))).toHaveLength(1)
  })
})

describe('a table of SQL', () => {
  const keepOf = async (
    use: (table: { column(name: string): unknown; row(i: number): unknown }) => unknown,
    gone = false,
  ) => {
    const { face, sent } = open(({ frames }) => ({ ref: gone && frames.length === 0 ? null : 'tbl_2' }))
    const table = await face.sql`select 1`
    use(table)
    face.show(table)
    await face.settle(undefined)
    return sent.map(({ args, frames }) => [(args[0] as { from?: string }).from, frames.length])
  }
  test('is kept from what the host holds', async () => {
    expect(await keepOf((table) => table.row(3))).toEqual([['res_1', 0]])
  })
  test('goes back when a column was given out, or the host has it no more', async () => {
    expect(await keepOf((table) => table.column('v'))).toEqual([[undefined, 2]])
    expect(await keepOf(() => undefined, true)).toEqual([
      ['res_1', 0],
      [undefined, 2],
    ])
  })
})

describe('the value of a cell', () => {
  test('has its reference when the cell ends', async () => {
    const { face } = open()
    const value = rows(101)
    await face.settle({ value })
    expect((face.display(value)[tableMime] as { ref: string }).ref).toBe('tbl_1')
    expect((face.display(value)[tableMime] as { ref?: string }).ref).toBeUndefined()
  })
  test('is not looked at as JSON when it is large', async () => {
    const { face } = open()
    expect(face.isHeavy(await face.sql`select 1`)).toBe(false)
    expect(face.isHeavy(rows(300_000))).toBe(false)
  })
})
