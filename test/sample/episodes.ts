/**
 * How the sample's guard is judged: firings less than 12 h apart are one episode, which counts where it begins. It must
 * begin one inside the failure's window, and at most two outside all labelled windows.
 */
import { readFileSync } from 'node:fs'

const hour = 3_600_000
export const failure = { start: Date.UTC(2014, 1, 7, 14, 55), end: Date.UTC(2014, 1, 9, 14, 5) }
export const liveEnd = Date.UTC(2014, 1, 19, 15, 30)
const labels = (
  JSON.parse(readFileSync('examples/machine-temperature/labels.json', 'utf8')) as {
    start: string
    end: string
  }[]
).map((window) => ({ start: Date.parse(`${window.start}Z`), end: Date.parse(`${window.end}Z`) }))

export function findEpisodes(firings: number[]): number[] {
  const sorted = firings.toSorted((a, b) => a - b)
  return sorted.filter((at, i) => i === 0 || at - sorted[i - 1]! >= 12 * hour)
}

export function judge(firings: number[]): { caught: boolean; falseEpisodes: number } {
  const begins = findEpisodes(firings.filter((at) => at < liveEnd))
  const inside = (at: number, window: { start: number; end: number }): boolean =>
    at >= window.start && at <= window.end
  return {
    caught: begins.some((at) => inside(at, failure)),
    falseEpisodes: begins.filter((at) => !labels.some((window) => inside(at, window))).length,
  }
}
