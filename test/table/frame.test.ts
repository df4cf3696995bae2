import { expect, test } from 'vitest'
import { createFrameReader, type Frame, toFrame } from '../../runtime/table/frame.ts'

const read = (chunks: Uint8Array[], cap?: number): Frame[] => {
  const frames: Frame[] = []
  const reader = createFrameReader((frame) => frames.push(frame), cap)
  for (const chunk of chunks) reader(chunk)
  return frames
}
const one = Buffer.concat(toFrame({ a: 'ü' }, [Uint8Array.of(1, 2), Uint8Array.of(3)]))
const two = Buffer.concat(toFrame(null))

test('frames survive being cut anywhere and joined', () => {
  const both = Buffer.concat([one, two, one])
  const expected = [
    { json: { a: 'ü' }, binary: Buffer.from([1, 2, 3]) },
    { json: null, binary: Buffer.alloc(0) },
    { json: { a: 'ü' }, binary: Buffer.from([1, 2, 3]) },
  ]
  expect(read([both])).toEqual(expected)
  expect(read(Array.from(both, (byte) => Uint8Array.of(byte)))).toEqual(expected)
  expect(read([both.subarray(0, 11), both.subarray(11, 30), both.subarray(30)])).toEqual(expected)
})
test.each<[string, number, number]>([
  ['a frame of 4 GB', 0xffff_ffff, 10],
  ['JSON longer than the frame', 20, 40],
  ['no room for the JSON length', 3, 0],
  ['JSON beyond its own cap', 300_000_000, 200_000_000],
])('%s is refused before anything is allocated', (_, length, json) => {
  const head = Buffer.alloc(8)
  head.writeUInt32LE(length, 0)
  head.writeUInt32LE(json, 4)
  expect(() => read([head])).toThrow(/protocol/)
})
test('a frame over the reader’s own cap is refused', () => {
  expect(() => read([one], 8)).toThrow(/protocol/)
})
test('what is no JSON throws', () => {
  const frame = Buffer.from(two)
  frame.write('nulk', 8)
  expect(() => read([frame])).toThrow(SyntaxError)
})
