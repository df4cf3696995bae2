import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Store } from '../../runtime/store/port.ts'
import { openTemporaryStore, openTestActions, until, workspace } from '../action/opened.ts'
import type { Script } from './fake.ts'
import { createStream, openTestDeployments, untilCaughtUp } from './opened.ts'
import { openProcess, rowsOf, type TestHandler } from './process.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const seqs = (({ messages }: { messages: { seq: number }[] }) => ({
  seqs: messages.map(({ seq }) => seq).join(' '),
})) as never

describe('an hour of silence', () => {
  const silent: TestHandler = {
    streams: ['a'],
    options: {
      window: { type: 'tumbling', size: minute },
      watermark: { type: 'boundedPlusWallclock' },
      by: 'host',
      emitEmpty: true,
    },
    run: seqs,
  }
  const beginning = [
    { at: 1, ts: 1, body: { host: 'x' } },
    { at: 2, ts: 2, body: { host: 'x' } },
  ]
  const after = { at: hour + 1, ts: hour + 1, body: { host: 'x' } }

  test('the clock of arrival closes every window, one each minute, and what comes then is not late', async () => {
    const { run } = openProcess([silent])
    await run(beginning)
    for (let at = second; at <= hour; at += second) await run([{ tick: at }], 'kept')
    const live = rowsOf(await run([after]))
    expect(live).toHaveLength(60)
    expect(live.slice(0, 2)).toEqual([
      { key: 'x', start: 0, end: minute, pane: 0, seqs: '1 2' },
      { key: 'x', start: minute, end: 2 * minute, pane: 0, seqs: '' },
    ])
    const replayed = openProcess([silent])
    expect(rowsOf(await replayed.run([...beginning, after]))).toEqual(live)
    const restarted = openProcess([silent])
    expect(rowsOf(await restarted.run([...beginning, { tick: 30 * minute }, after], true))).toEqual(live)
  })
})

describe('times over a real store', () => {
  let temporary: Awaited<ReturnType<typeof openTemporaryStore>>
  let store: Store
  let testActions: ReturnType<typeof openTestActions>
  const scripts: { [notebook: string]: Script } = {}
  beforeAll(async () => {
    temporary = await openTemporaryStore()
    store = temporary.store
    testActions = openTestActions(store, [])
  })
  afterAll(async () => {
    await testActions.close()
    await temporary.remove()
  })

  test('an hour passes on an injected clock: the last window of the silent stream is told', async () => {
    const stream = await createStream(store)
    const start = Date.now()
    let ahead = 0
    const size = 30 * minute
    scripts.silent = (sdk) =>
      sdk.on(
        stream.name,
        {
          window: { type: 'tumbling', size, offset: start % size },
          watermark: { type: 'boundedPlusWallclock' },
        },
        seqs,
      )
    const { deployments } = openTestDeployments(store, testActions.actions, scripts, {
      clock: { now: () => Date.now() + ahead },
    })
    const { id } = await deployments.create(workspace, { notebook: 'silent', parameters: {}, from: 'first' })
    await stream.push({ at: start + 10 }, { at: start + 20 })
    await untilCaughtUp(deployments, id)
    expect((await deployments.rows(workspace, id, {})).items).toEqual([])
    ahead = hour
    const [row] = await until(async () => {
      const { items } = await deployments.rows(workspace, id, {})
      return items.length > 0 && items
    })
    expect(row).toMatchObject({ start, end: start + size, fields: { seqs: '1 2' } })
    await deployments.close()
    await store.in(workspace).delete('deployments', {})
  })

  test('times before 1970: windows, rows and pages in their order', async () => {
    const stream = await createStream(store)
    scripts.old = (sdk) => sdk.on(stream.name, { window: { type: 'tumbling', size: minute } }, seqs)
    const { deployments } = openTestDeployments(store, testActions.actions, scripts)
    const { id } = await deployments.create(workspace, { notebook: 'old', parameters: {}, from: 'first' })
    const year = -62_135_596_800_000
    await stream.push({ at: year }, { at: -minute - 1 }, { at: -1 }, { at: 0 }, { at: minute })
    await untilCaughtUp(deployments, id)
    const { items } = await deployments.rows(workspace, id, {})
    expect(items.toReversed().map(({ start, end, fields }) => [start, end, fields.seqs])).toEqual([
      [year, year + minute, '1'],
      [-2 * minute, -minute, '2'],
      [-minute, 0, '3'],
      [0, minute, '4'],
    ])
    const page = await deployments.rows(workspace, id, { from: -minute, to: 1 })
    expect(page.items.map(({ end }) => end).toSorted((a, b) => a - b)).toEqual([-minute, 0])
    await deployments.close()
    await store.in(workspace).delete('deployments', {})
  })
})
