/** Dead letters of a stream that the ingest process writes: while its source works, and while it is paused. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRig, type Rig } from '../rig.ts'
import { until } from '../until.ts'

let rig: Rig
beforeAll(async () => {
  rig = await openRig()
})
afterAll(() => rig?.close())

test('replay: through a source that is open, and with a lease of its own where there is none', async () => {
  const { store, streams } = rig
  const mine = store.in('w1')
  const rows = [{ at: 1000 }, { t: 2000 }, { t: 3000 }, { at: 4000 }]
  const { sha256, bytes } = await mine.blobs.put(Buffer.from(JSON.stringify(rows)))
  const object = { id: 'o1', name: 'rows', mediaType: 'application/json', bytes, sha256 }
  await mine.insert('objects', [{ ...object, createdAt: 1, updatedAt: 1 }])
  const source = { type: 'simulator', object: 'rows', speed: 1000 }
  const id = await rig.define({ name: 's', source, eventTime: { path: 'at' } })
  await until(async () => (await rig.bodies(id)).length === 2 && (await rig.state(id)) === 'idle')
  const before = await streams.replay('w1', id, { seqs: [1] })
  expect(before.results).toMatchObject([{ letter: 1, state: 'failed' }])

  await streams.update('w1', id, { eventTime: { path: 't' } })
  const open = await streams.replay('w1', id, { seqs: [1] })
  expect(open.results).toEqual([{ letter: 1, state: 'replayed', reason: null, seq: 3 }])

  await streams.update('w1', id, { enabled: false })
  await until(async () => (await rig.state(id)) === 'paused')
  const paused = await streams.replay('w1', id, { reason: '', from: 1 })
  expect(paused).toEqual({
    results: [{ letter: 2, state: 'replayed', reason: null, seq: 4 }],
    next: null,
  })
  expect(await rig.bodies(id)).toEqual([{ at: 1000 }, { at: 4000 }, { t: 2000 }, { t: 3000 }])

  // The lease was given back, and what is open again knows what was stored.
  await streams.update('w1', id, { enabled: true })
  await until(async () => (await rig.state(id)) === 'idle')
  expect((await streams.replay('w1', id, { seqs: [1, 2] })).results.map(({ seq }) => seq)).toEqual([3, 4])
  await streams.delete('w1', id)
  expect((await mine.find('letters')).items).toEqual([])
})
