import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json } from '../../runtime/json.ts'
import { decodeArtifact, encodeArtifact } from '../../runtime/model/artifact.ts'
import { packArtifact, unpackArtifact } from '../../runtime/model/pack.ts'

const through = (value: unknown): unknown => {
  const { json, binary } = encodeArtifact(value)
  const text = JSON.parse(JSON.stringify(json)) as Json
  return decodeArtifact(unpackArtifact(packArtifact({ json: text, binary })))
}

describe('encodeArtifact and decodeArtifact', () => {
  test('keep typed arrays of every kind', () => {
    const model = {
      trees: [{ at: Float64Array.of(1.5, NaN, -0), left: Int32Array.of(-1, 2) }],
      f: Float32Array.of(0.5),
      u: Uint32Array.of(4_000_000_000),
      s: [Int16Array.of(-2), Uint16Array.of(65_535), Int8Array.of(-128), Uint8Array.of(255)],
      c: Uint8ClampedArray.of(255),
      b: [BigInt64Array.of(-1n), BigUint64Array.of(2n ** 64n - 1n)],
      empty: new Float64Array(0),
    }
    expect(through(model)).toStrictEqual(model)
  })
  test('keep a part of a larger buffer only', () => {
    const { binary } = encodeArtifact(new Float64Array(100).subarray(10, 12))
    expect(binary.map((frame) => frame.byteLength)).toEqual([16])
  })
  test('take a frame from wherever it lies in a buffer', () => {
    const held = Buffer.alloc(17)
    held.set(new Uint8Array(Float64Array.of(1.5, 2).buffer), 1)
    const { buffer, byteOffset } = held.subarray(1)
    const binary = [Buffer.from(buffer, byteOffset, 16)]
    const json = { $typed: ['Float64Array', 0] }
    expect(decodeArtifact({ json, binary })).toEqual(Float64Array.of(1.5, 2))
  })
  test('keep numbers that JSON has not, and names that begin with $', () => {
    const model = { a: [NaN, Infinity, -Infinity, -0, 0], $typed: ['x', 0], $$: { $number: 'NaN' } }
    expect(through(model)).toStrictEqual(model)
  })
  test('keep a __proto__ key as a key', () => {
    const model = JSON.parse('{"__proto__": {"x": 1}, "constructor": 2}') as object
    const back = through(model) as object
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype)
    expect(JSON.stringify(back)).toBe('{"__proto__":{"x":1},"constructor":2}')
  })
  test('take toJSON, drop undefined in objects, make it null in arrays', () => {
    expect(through({ at: new Date(0), gone: undefined, list: [undefined] })).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      list: [null],
    })
  })
  test('are inverse for anything that JSON can hold', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(through(value)).toEqual(value)
      }),
    )
  })
  test('read a typed array of another realm', () => {
    const frame = new Uint8Array(16).fill(1)
    expect(
      decodeArtifact({ json: { $typed: ['Float64Array', 0] }, binary: [frame.subarray(8)] }),
    ).toHaveLength(1)
    const odd = new Uint8Array(17).subarray(1)
    expect(decodeArtifact({ json: { $typed: ['Float64Array', 0] }, binary: [odd] })).toEqual(
      new Float64Array(2),
    )
  })
})

describe('encodeArtifact refuses', () => {
  const circle: { self?: unknown } = {}
  circle.self = circle
  test.each<[string, unknown, RegExp]>([
    ['a function', { predict: () => 1 }, /predict is a function/],
    ['a bigint', { a: [1n] }, /a\[0\] is a bigint/],
    ['a symbol', Symbol('x'), /it is a symbol/],
    ['undefined', undefined, /it is undefined/],
    ['a Map', { m: new Map() }, /m is a Map: use an object/],
    ['a DataView', new DataView(new ArrayBuffer(1)), /it is a DataView/],
    ['a circle', circle, /deeper than 64 levels, or contains itself/],
  ])('%s', (_, value, message) => {
    expect(() => encodeArtifact(value)).toThrow(
      expect.objectContaining({ code: 'invalid', message: expect.stringMatching(message) }),
    )
  })
})

describe('decodeArtifact refuses', () => {
  const frame = new Uint8Array(8)
  test.each<[string, Json, Uint8Array[]]>([
    ['an unknown kind', { $typed: ['Array', 0] }, [frame]],
    ['a kind from the prototype', { $typed: ['constructor', 0] }, [frame]],
    ['a frame that is missing', { $typed: ['Uint8Array', 1] }, [frame]],
    ['a frame by a broken number', { $typed: ['Uint8Array', 0.5] }, [frame]],
    ['a frame used twice', [{ $typed: ['Uint8Array', 0] }, { $typed: ['Uint8Array', 0] }], [frame]],
    ['a frame that nobody uses', 1, [frame]],
    ['a length that does not fit', { $typed: ['Float64Array', 0] }, [new Uint8Array(7)]],
    ['a shape with other keys', { $typed: ['Uint8Array', 0], x: 1 }, [frame]],
    ['a shape after other keys', { x: 1, $typed: ['Uint8Array', 0] }, [frame]],
    ['a shape that is no list', { $typed: 'Uint8Array' }, [frame]],
    ['an unknown shape', { $date: 0 }, []],
    ['an unknown number', { $number: 'toString' }, []],
    ['endless nesting', JSON.parse('['.repeat(200) + ']'.repeat(200)) as Json, []],
  ])('%s', (_, json, binary) => {
    expect(() => decodeArtifact({ json, binary })).toThrow(
      expect.objectContaining({ code: 'invalid', message: expect.stringMatching(/^This is no model/) }),
    )
  })
})

describe('unpackArtifact', () => {
  const packed = packArtifact(encodeArtifact({ a: Float64Array.of(1, 2), b: Uint8Array.of(9), c: 'ü' }))
  test('aligns frames, and equal artifacts are equal bytes', () => {
    expect(unpackArtifact(packed).binary.map((frame) => frame.byteOffset % 8)).toEqual([0, 0])
    expect(packArtifact(unpackArtifact(packed))).toEqual(packed)
  })
  test('refuses bytes that are cut, longer or changed in a length', () => {
    const changed = (at: number): Uint8Array => {
      const copy = Uint8Array.from(packed)
      copy[at] = 0xff
      return copy
    }
    for (const bytes of [
      packed.subarray(0, 10),
      packed.subarray(0, packed.length - 8),
      Buffer.concat([packed, Buffer.alloc(8)]),
      changed(0),
      changed(9),
      changed(15),
      changed(19),
      changed(23),
    ])
      expect(() => unpackArtifact(bytes)).toThrow('The stored model is damaged.')
  })
  test('refuses more than 100 MB when packing', () => {
    const binary = [new Uint8Array(100 * 1024 * 1024)]
    expect(() => packArtifact({ json: { $typed: ['Uint8Array', 0] }, binary })).toThrow(
      expect.objectContaining({ code: 'too-large' }),
    )
  })
})
