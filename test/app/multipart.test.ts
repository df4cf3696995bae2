import { describe, expect, test } from 'vitest'
import { readParts } from '../../app/api/multipart.ts'

const type = 'multipart/form-data; boundary=X'
async function* inPieces(text: string | Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text as string)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
async function read(body: string | Uint8Array, size = 7, contentType = type) {
  const parts = []
  for await (const { body: chunks, ...part } of readParts(contentType, inPieces(body, size))) {
    const got: Uint8Array[] = []
    for await (const chunk of chunks) got.push(chunk)
    parts.push({ ...part, text: Buffer.concat(got).toString() })
  }
  return parts
}
const part = (headers: string, text: string): string =>
  `--X\r\nContent-Disposition: form-data; ${headers}\r\n\r\n${text}\r\n`
const form =
  part('name="name"', 'a.csv') +
  part('name="file"; filename="ü %22x%22.csv"\r\nContent-Type: text/csv', 'a,b\r\n--X but not really\r\n-') +
  '--X--\r\n'

describe('readParts', () => {
  test('tells fields and files, cut anywhere', async () => {
    const expected = [
      { name: 'name', filename: undefined, mediaType: '', text: 'a.csv' },
      { name: 'file', filename: 'ü "x".csv', mediaType: 'text/csv', text: 'a,b\r\n--X but not really\r\n-' },
    ]
    const odd = form.replaceAll('--X but', '--Y but')
    for (const size of [1, 2, 3, 10, 1000])
      expect(await read(odd, size)).toEqual(
        expected.map((one) => ({ ...one, text: one.text.replace('--X', '--Y') })),
      )
  })
  test('reads what FormData writes, binary included', async () => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7919) % 256)
    const data = new FormData()
    data.set('tags', 'x,y')
    data.set('file', new Blob([bytes]), 'b.bin')
    const response = new Response(data)
    const parts: { name: string; bytes: Buffer }[] = []
    for await (const one of readParts(
      response.headers.get('content-type')!,
      response.body as unknown as AsyncIterable<Uint8Array>,
    )) {
      const got: Uint8Array[] = []
      for await (const chunk of one.body) got.push(chunk)
      parts.push({ name: one.name, bytes: Buffer.concat(got) })
    }
    expect(parts.map(({ name }) => name)).toEqual(['tags', 'file'])
    expect(parts[1]?.bytes.equals(bytes)).toBe(true)
  })
  test('skips a body that nobody reads', async () => {
    const names = []
    for await (const one of readParts(type, inPieces(form.replace('--X but', '--Y but'), 5)))
      names.push(one.name)
    expect(names).toEqual(['name', 'file'])
  })
  test('takes an empty file and an empty form', async () => {
    expect(await read(`${part('name="f"; filename="e"', '')}--X--`)).toEqual([
      { name: 'f', filename: 'e', mediaType: '', text: '' },
    ])
    expect(await read('--X--\r\n')).toEqual([])
  })
  test.each<[string, string, string, RegExp]>([
    ['a body that is cut', form.slice(0, 90), type, /ends before its last boundary/],
    ['no boundary in the header', form, 'multipart/form-data', /names no boundary/],
    ['a boundary without a line break', '--Xoops', type, /not followed by a line break/],
    ['a part without a name', `${part('filename="x"', '')}--X--`, type, /has no name/],
    ['endless headers', `--X\r\n${'a: b\r\n'.repeat(5000)}`, type, /headers are too long/],
    ['no boundary in 8 KB', 'x'.repeat(10_000), type, /headers are too long/],
  ])('refuses %s', async (_, body, contentType, message) => {
    await expect(read(body, 1000, contentType)).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(message),
    })
  })
  test('refuses more than 100 parts', async () => {
    await expect(read(`${part('name="f"', '').repeat(101)}--X--`, 10_000)).rejects.toMatchObject({
      code: 'too-large',
    })
  })
})
