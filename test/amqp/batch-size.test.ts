import { expect, test } from 'vitest'
import { adaptBatch } from '../../runtime/amqp/batch-size.ts'

test('adaptBatch: slow commits of full batches double it, fast ones halve it, within bounds', () => {
  expect([
    adaptBatch(1000, 1000, 51),
    adaptBatch(1000, 999, 200),
    adaptBatch(1000, 1000, 50),
    adaptBatch(4000, 4000, 900),
    adaptBatch(2000, 2000, 30),
    adaptBatch(2000, 100, 5),
    adaptBatch(500, 500, 5),
  ]).toEqual([2000, 1000, 1000, 4000, 2000, 1000, 500])
})
