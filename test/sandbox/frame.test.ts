import { expect, test } from 'vitest'
import { FrameReader, toChunks, type Frame } from '../../runtime/sandbox/frame.ts'
import { interactiveLimits, toLimits } from '../../runtime/sandbox/limits.ts'
import { fromWire, toWire } from '../../runtime/sandbox/protocol.ts'

const caps = { frame: 1_000, header: 200 }

test('FrameReader gives back what toChunks made, however it was cut', () => {
  const parts = [Uint8Array.of(1, 2, 3), new Uint8Array(0), Uint8Array.of(255)]
  const bytes = Buffer.concat([
    ...toChunks({ type: 'a' }, parts),
    ...toChunks({ type: 'b', text: 'é' }),
    ...toChunks({ type: 'c' }, [Uint8Array.of(9)]),
  ])
  for (const size of [1, 2, 3, 7, 64, bytes.length]) {
    const frames: Frame[] = []
    const reader = new FrameReader(caps, (frame) => frames.push(frame))
    for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size))
    expect(
      frames.map(({ header, parts: found }) => [header['type'], ...found.map((part) => [...part])]),
    ).toEqual([['a', [1, 2, 3], [], [255]], ['b'], ['c', [9]]])
  }
})

test('FrameReader stays broken after a fault, and gave what came before it', () => {
  const frames: Frame[] = []
  const reader = new FrameReader(caps, (frame) => frames.push(frame))
  const good = Buffer.concat(toChunks({ type: 'a' }))
  expect(() => reader.push(Buffer.concat([good, Buffer.alloc(8, 0xff)]))).toThrow('at most 1000')
  reader.push(good)
  expect(frames.map(({ header }) => header)).toEqual([{ type: 'a' }])
})

test('toLimits takes what is given over the base and refuses what is no limit', () => {
  expect(toLimits({ cpuMs: 5, wallMs: Infinity }, interactiveLimits)).toEqual({
    ...interactiveLimits,
    cpuMs: 5,
    wallMs: Infinity,
  })
  for (const wrong of [{ cpuMs: 0 }, { heapMb: Infinity }, { rssMb: NaN }, { outputItems: -1 }])
    expect(() => toLimits(wrong, interactiveLimits)).toThrow(/^The limit \w+ must be a positive number/)
})

test('limits without a bound cross as null', () => {
  const limits = { ...interactiveLimits, cpuMs: Infinity }
  expect(toWire(limits).cpuMs).toBeNull()
  expect(fromWire(toWire(limits))).toEqual(limits)
})
