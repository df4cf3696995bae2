/**
 * The state of a deployment on MongoDB as sorted runs, the newest first: each commit adds one with what it changed,
 * null for what it removed, and the head names those that count. A document for each key cost a commit ten times as
 * much. So that there are never many, runs of one size are merged into one of the next (a log-structured merge tree: O'Neil
 * and others, 1996). A run never changes; it lies in parts, each named by its last key. Pure.
 */
import type { Json } from '../../json.ts'
import type { PackedCommit } from '../commit.ts'
import { type StateRun, toPlace } from './version.ts'

export interface StatePart {
  _id: string
  /** JSON of entries, by key. */
  entries: string
}
/** null: removed. */
export type Entry = [key: string, value: Json]

/** Runs of one level that become one of the next. */
export const fanOut = 8
const partEntries = 1000
const partLength = 1_000_000

/** As the server compares texts: by code point. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x === y) continue
    // a surrogate stands for a point beyond all others
    const isFar = (unit: number): boolean => unit >= 0xd800 && unit < 0xe000
    if (isFar(x) !== isFar(y)) return isFar(x) ? 1 : -1
    return x - y
  }
  return a.length - b.length
}

/** Cuts texts of entries, by key, into parts; `last` is the last key of each. */
export function createCutter(emit: (last: string, entries: string) => void): {
  add(key: string, text: string): void
  end(): void
} {
  let texts: string[] = []
  let length = 0
  let last = ''
  const end = (): void => {
    if (texts.length > 0) emit(last, `[${texts.join(',')}]`)
    texts = []
    length = 0
  }
  return {
    add(key, text) {
      const entry = `[${JSON.stringify(key)},${text}]`
      if (texts.length === partEntries || (length > 0 && length + entry.length > partLength)) end()
      texts.push(entry)
      length += entry.length
      last = key
    },
    end,
  }
}

export function toParts(p: string, run: string, state: PackedCommit['state']): StatePart[] {
  const parts: StatePart[] = []
  const cutter = createCutter((last, entries) => parts.push({ _id: toPlace(p, run, last), entries }))
  for (const [key, text] of state.toSorted(([a], [b]) => compareKeys(a, b))) cutter.add(key, text ?? 'null')
  cutter.end()
  return parts
}

/** Of the runs, newest first, those to merge now: neighbours of one level, the least level first. */
export function findMerge(
  runs: readonly StateRun[],
  most = fanOut,
): { runs: StateRun[]; oldest: boolean } | null {
  for (let from = 0; from < runs.length;) {
    const { level } = runs[from]!
    let to = from
    while (to < runs.length && runs[to]!.level <= level) to++
    if (to - from >= most) return { runs: runs.slice(from, to), oldest: to === runs.length }
    from = to
  }
  return null
}
/** The merged one in the place of those that it was made of; undefined where they are not there any more. */
export function replaceRuns(
  runs: readonly StateRun[],
  merged: { run: StateRun | null; of: StateRun[] },
): StateRun[] | undefined {
  const at = runs.findIndex(({ id }) => id === merged.of[0]?.id)
  if (at < 0 || merged.of.some(({ id }, i) => runs[at + i]?.id !== id)) return undefined
  return [...runs.slice(0, at), ...(merged.run ? [merged.run] : []), ...runs.slice(at + merged.of.length)]
}

/** Entries of sorted sources by key; of equal keys the one of the first source. */
export async function* mergeEntries(sources: AsyncIterator<Entry>[]): AsyncGenerator<Entry> {
  const heads = await Promise.all(sources.map(async (source) => source.next()))
  for (;;) {
    let least: Entry | undefined
    for (const head of heads)
      if (!head.done && (!least || compareKeys(head.value[0], least[0]) < 0)) least = head.value
    if (!least) return
    const [key] = least
    for (const [i, head] of heads.entries())
      if (!head.done && head.value[0] === key) heads[i] = await sources[i]!.next()
    yield least
  }
}
