/** What rows, state and actions of the deployment are in the end, beside a recomputation from the log. */
import { isDeepStrictEqual } from 'node:util'
import type { Json } from '../../runtime/json.ts'
import { type Fact, workspace } from './facts.ts'
import { recompute } from './recompute.ts'
import type { Scene } from './scene.ts'
import { wait, waitForDeployment } from './waiting.ts'

const endMs = 120_000
const page = 5000
const shown = 3

export async function judgeEnd(
  scene: Scene,
  lost: Set<number>,
): Promise<{ faults: string[]; detail: string }> {
  const { sender, log, receiver } = scene
  const end = performance.now() + endMs
  sender.send(1, true)
  await wait(() => sender.unconfirmed === 0, end, 'the last message to be confirmed')
  await wait(
    async () => {
      await log.look()
      return log.has(sender.added - 1)
    },
    end,
    'the last message to be in the log',
  )
  await waitForDeployment(scene, end)
  const expected = await recompute(readLog(scene))
  const wantedActions = expected.actions.map((one) => JSON.stringify(one))
  await wait(
    () => receiver.done.size >= wantedActions.length,
    end,
    () => {
      return `${wantedActions.length} actions to come; ${receiver.done.size} came`
    },
  ).catch(() => undefined) // the comparison says which
  const faults = [
    ...log.takeFaults(),
    ...compare(
      'row',
      expected.rows.map((one) => JSON.stringify(one)),
      await readRows(scene),
    ),
    ...compare('action', wantedActions, [...receiver.done.values()]),
    ...receiver.contradictions.map((key) => `the action ${key} came again with another body`),
    ...compareState(expected.state, await readState(scene)),
  ]
  let missing = 0
  for (const i of lost) if (!log.has(i)) missing++
  return {
    faults,
    detail: [
      `${sender.added} sent, ${sender.again} of them again`,
      `${log.count} in the log`,
      `${missing} lost with their deleted queue`,
      `${expected.late} late`,
      `${expected.rows.length} rows`,
      `${wantedActions.length} actions in ${receiver.deliveries()} deliveries`,
    ].join(', '),
  }
}

async function* readLog({ store, stream }: Scene): AsyncGenerator<Fact> {
  for (let seq = 1; ;) {
    const found = await store.in(workspace).log.read(stream, seq, page)
    for (const { body } of found) yield body as unknown as Fact
    if (found.length === 0) return
    seq = found.at(-1)!.seq + 1
  }
}
async function readRows({ store, deployment }: Scene): Promise<string[]> {
  const rows: string[] = []
  for (let after: { end: number; start: number; id: string } | undefined; ;) {
    const query = { limit: page, ...(after && { after }) }
    const found = await store.in(workspace).commits.rows(deployment, query)
    for (const { key, start, fields } of found) {
      const { count, sum, numbers, windows, total } = fields
      rows.push(JSON.stringify({ key, start, count, sum, numbers, windows, total }))
    }
    after = found.at(-1)
    if (found.length < page) return rows
  }
}
/** What handlers keep by key, among all that a commit keeps. */
async function readState({ store, deployment }: Scene): Promise<Map<string, Json>> {
  const found = await store.in(workspace).commits.state(deployment, null, 1000)
  return new Map(found.map(({ key, value }) => [key, value]))
}
function compareState(expected: ReadonlyMap<string, object>, found: ReadonlyMap<string, Json>): string[] {
  return [...expected].flatMap(([key, wanted]) => {
    const of = [...found].filter(([name]) => name.endsWith(`=${key}`))
    return of.some(([, value]) => isDeepStrictEqual(value, wanted))
      ? []
      : [`the state of ${key} is ${JSON.stringify(of)}, not ${JSON.stringify(wanted)}`]
  })
}
function compare(what: string, expected: string[], found: string[]): string[] {
  const [wanted, got] = [new Set(expected), new Set(found)]
  const faults = [
    ...expected.filter((one) => !got.has(one)).map((one) => `the ${what} ${one} is missing`),
    ...found.filter((one) => !wanted.has(one)).map((one) => `the ${what} ${one} should not be`),
  ]
  if (found.length !== got.size) faults.push(`${found.length - got.size} times the same ${what} twice`)
  return faults.length > shown ? [...faults.slice(0, shown), `and ${faults.length - shown} more`] : faults
}
