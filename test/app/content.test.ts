import { deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { readContent } from '../../app/api/content.ts'

const request = (body: Uint8Array, encoding?: string) =>
  new Request('http://x/', {
    method: 'POST',
    body: Buffer.from(body),
    ...(encoding === undefined ? {} : { headers: { 'content-encoding': encoding } }),
  })

describe('readContent', () => {
  test('plain, gzip and deflate', async () => {
    const body = Buffer.from('hello')
    for (const [bytes, encoding] of [
      [body],
      [gzipSync(body), 'gzip'],
      [deflateSync(body), 'deflate'],
    ] as const)
      expect(Buffer.from(await readContent(request(bytes, encoding), 100, 100)).toString()).toBe('hello')
  })
  test('what unfolds to more than is allowed, or is something else, is refused', async () => {
    const bomb = gzipSync(Buffer.alloc(1_000_000))
    await expect(readContent(request(bomb, 'gzip'), 10_000, 1000)).rejects.toThrow(
      'unfolds to more than 1,000 bytes',
    )
    await expect(readContent(request(Buffer.from('x'), 'gzip'), 100, 100)).rejects.toThrow(
      'The body is not gzip.',
    )
    await expect(readContent(request(Buffer.from('x'), 'br'), 100, 100)).rejects.toThrow('send gzip or none')
    await expect(readContent(request(Buffer.alloc(200)), 100, 100)).rejects.toThrow('more than 100 bytes')
  })
})
