import { describe, expect, test } from 'vitest'
import { parseJson, readBytes, readJson } from '../../app/api/body.ts'

const post = (body: BodyInit, headers: Record<string, string> = {}): Request => {
  const init: RequestInit & { duplex: 'half' } = { method: 'POST', body, headers, duplex: 'half' }
  return new Request('http://x/', init)
}

describe('parseJson', () => {
  test('takes ordinary JSON', () => {
    expect(parseJson('{"a":[1,{"b":"x{[\\"[["}]}')).toEqual({ a: [1, { b: 'x{["[[' }] })
  })
  test('refuses 10,000 levels without parsing them', () => {
    expect(() => parseJson('['.repeat(10_000) + ']'.repeat(10_000))).toThrow('nested deeper than 64 levels')
  })
  test('refuses more keys than the limit', () => {
    const text = `{${Array.from({ length: 10_001 }, (_, i) => `"k${i}":1`).join(',')}}`
    expect(() => parseJson(text)).toThrow('more than 10,000 keys')
  })
  test('names what is no JSON', () => {
    expect(() => parseJson('{"a":')).toThrow('The body is no JSON')
  })
})

describe('readBytes', () => {
  test('refuses by the declared length', async () => {
    await expect(readBytes(post('x'.repeat(20)), 10)).rejects.toMatchObject({ code: 'too-large' })
  })
  test('refuses a stream that grows beyond the limit', async () => {
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(new Uint8Array(6))
      },
    })
    await expect(readBytes(post(stream), 10)).rejects.toMatchObject({
      code: 'too-large',
    })
  })
})

describe('readJson', () => {
  test('refuses another content type by name', async () => {
    await expect(readJson(post('a,b', { 'content-type': 'text/csv' }))).rejects.toMatchObject({
      code: 'unsupported',
    })
  })
  test('takes an empty body as an empty object', async () => {
    expect(await readJson(post(''))).toEqual({ value: {}, text: '' })
  })
  test('refuses a body of 2 MB', async () => {
    await expect(readJson(post(JSON.stringify('x'.repeat(2_000_000))))).rejects.toMatchObject({
      code: 'too-large',
    })
  })
})
