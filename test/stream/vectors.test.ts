import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createOperator } from '../../runtime/stream/window-operator.ts'
import { runVector, type Vector } from './vector.ts'

const file = new URL('window-vectors.json', import.meta.url)
const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: Vector[] }

describe('createOperator against the reference cases', () => {
  const good = vectors.filter((vector) => vector.expected)
  test.each(good.map((v) => [v.id, v.title, v] as const))('%s %s', (_id, _title, vector) => {
    expect(runVector(vector, false)).toEqual(vector.expected)
  })
  test.each(good.map((v) => [v.id, v] as const))(
    '%s, saved and restored after every input',
    (_id, vector) => {
      expect(runVector(vector, true)).toEqual(vector.expected)
    },
  )
  const bad = vectors.filter((vector) => vector.expectedError)
  test.each(bad.map((v) => [v.id, v.title, v] as const))('%s %s', (_id, _title, vector) => {
    expect(() => createOperator(vector.config)).toThrow(vector.expectedError)
  })
  test('are all there', () => {
    expect(vectors.length).toBe(55)
  })
})
