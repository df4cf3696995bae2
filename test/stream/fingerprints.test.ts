import { describe, expect, test } from 'vitest'
import { createFingerprints } from '../../runtime/stream/fingerprints.ts'
import { createIdentities } from '../../runtime/stream/identity.ts'

describe('createFingerprints', () => {
  test('knows what was added, and nothing else, whatever texts look like', () => {
    const all = createFingerprints()
    const made = (n: number): string[] => [
      `${n}`,
      `message-${n}`,
      `${'x'.repeat(100)}${n}`,
      String.fromCharCode(n),
      `${'\0'.repeat(n % 90)}${n}`,
    ]
    const texts = new Set(Array.from({ length: 20_000 }, (_, n) => made(n)).flat())
    for (const text of texts) {
      if (all.has(text)) throw new Error(`"${text}" is there before it was added.`)
      all.add(text)
      all.add(text)
    }
    expect(all.size).toBe(texts.size)
    expect([...texts].every((text) => all.has(text))).toBe(true)
    expect(Array.from({ length: 20_000 }, (_, n) => `other-${n}`).some((text) => all.has(text))).toBe(false)
    all.clear()
    expect([all.size, all.has('1'), all.has('')]).toEqual([0, false, false])
  })
  test('texts that differ by zeros or by the order of their halves are different', () => {
    const all = createFingerprints()
    for (const text of ['a', 'ab', 'ba', 'abab', 'a\0', 'ab\0\0', '']) {
      expect(all.has(text)).toBe(false)
      all.add(text)
    }
    expect(all.size).toBe(7)
  })
})

test('createIdentities knows the last generation of ids for sure, and forgets those before the last two', () => {
  const identities = createIdentities(100)
  for (let n = 0; n < 250; n++) identities.add(`id-${n}`)
  const known = Array.from({ length: 250 }, (_, n) => n).filter((n) => identities.isKnown(`id-${n}`))
  expect(known).toEqual(Array.from({ length: 150 }, (_, n) => 100 + n))
})
