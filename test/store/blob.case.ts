import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import type { Subject } from './conformance.ts'

const sha = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex')

export function blobCases(subject: Subject): void {
  describe('blobs', () => {
    const data = Buffer.alloc(3_000_000, 'abcdefghijk')
    test('put gives hash and size; every read gives the bytes', async () => {
      const { blobs } = subject.in()
      const blob = { sha256: sha(data), bytes: data.length }
      expect(await blobs.put(Readable.from([data.subarray(0, 1_000_000), data.subarray(1_000_000)]))).toEqual(
        blob,
      )
      expect(await blobs.put(data)).toEqual(blob)
      expect(await blobs.has(blob.sha256)).toBe(true)
      expect(sha(await blobs.bytes(blob.sha256))).toBe(blob.sha256)
      expect(sha(await buffer(await blobs.read(blob.sha256)))).toBe(blob.sha256)
      expect(sha(await readFile(await blobs.file(blob.sha256)))).toBe(blob.sha256)
      const read = async (start: number, end: number): Promise<string> =>
        String(await buffer(await blobs.read(blob.sha256, { start, end })))
      expect(await read(11, 14)).toBe('abc')
      expect(await read(2_999_999, 9_000_000)).toBe(String(data.subarray(2_999_999)))
      expect(await read(5, 5)).toBe('')
      expect(await read(9_000_000, 9_000_001)).toBe('')
    })
    test('no bytes are a blob too', async () => {
      const { blobs } = subject.in()
      const blob = await blobs.put(new Uint8Array())
      expect(blob).toEqual({ sha256: sha(new Uint8Array()), bytes: 0 })
      expect(await blobs.bytes(blob.sha256)).toHaveLength(0)
    })
    test('over the limit is too-large, a failing source throws; nothing is kept', async () => {
      const { blobs } = subject.in()
      await expect(blobs.put(data, { maxBytes: data.length - 1 })).rejects.toMatchObject({
        code: 'too-large',
      })
      const failing = Readable.from(
        (async function* pieces() {
          yield data
          await Promise.resolve()
          throw new Error('the client went away')
        })(),
      )
      await expect(blobs.put(failing)).rejects.toThrow('went away')
      expect(await blobs.has(sha(data))).toBe(false)
      expect(await blobs.put(data, { maxBytes: data.length })).toMatchObject({ bytes: data.length })
    })
    test('another store reads it, another workspace does not, and delete takes its own alone', async () => {
      const [one, two] = [subject.in(), subject.in()]
      const { sha256 } = await one.blobs.put(data)
      const other = (await subject.another()).in(one.workspace).blobs
      expect(sha(await other.bytes(sha256))).toBe(sha256)
      expect(await two.blobs.has(sha256)).toBe(false)
      for (const read of ['bytes', 'read', 'file'] as const)
        await expect(two.blobs[read](sha256)).rejects.toMatchObject({ code: 'not-found' })
      await two.blobs.put(data)
      await two.blobs.delete(sha256)
      await two.blobs.delete(sha256)
      expect([await one.blobs.has(sha256), await two.blobs.has(sha256)]).toEqual([true, false])
    })
    test('a name that is no hash is invalid', async () => {
      const { blobs } = subject.in()
      for (const name of ['', '../../etc/passwd', 'A'.repeat(64)])
        await expect(blobs.bytes(name)).rejects.toMatchObject({ code: 'invalid' })
    })
  })
}
