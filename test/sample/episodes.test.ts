import { expect, test } from 'vitest'
import { findEpisodes, judge } from './episodes.ts'

const hour = 3_600_000
const from = Date.UTC(2014, 0, 10)
const everyHour = Array.from({ length: 24 * 40 }, (_, i) => from + i * hour)

test('findEpisodes joins firings that are less than 12 h apart', () => {
  expect(findEpisodes([0, 11 * hour, 22 * hour, 34 * hour])).toEqual([0, 34 * hour])
})
test('judge: a detector that always fires does not catch the failure', () => {
  expect(judge(everyHour)).toEqual({ caught: false, falseEpisodes: 1 })
})
test('judge: a detector that fires every 13 hours has too many false episodes', () => {
  expect(judge(everyHour.filter((_, i) => i % 13 === 0)).falseEpisodes).toBeGreaterThan(2)
})
test('judge: a detector that never fires catches nothing', () => {
  expect(judge([])).toEqual({ caught: false, falseEpisodes: 0 })
})
