import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestMongo, useMongo } from '../mongo.ts'
import { openAll, type Opened, workspace } from './opened.ts'

let mongo: TestMongo | null
let all: Opened | undefined
beforeAll(async () => {
  mongo = await useMongo()
  if (mongo) all = await openAll({ mongo: { mongoUri: mongo.uri, mongoDatabase: mongo.database } })
})
afterAll(async () => {
  await all?.close()
  await mongo?.close()
})

test('runs and kernels on MongoDB keep the same records and outputs', async (context) => {
  if (!all) return context.skip('there is no MongoDB here; test/mongo.ts says what it looks for')
  const notebook = await all.write('on mongo', ['const a = 1', 'console.log(a)', 'a + 1'])
  const run = await all.run(notebook.id)
  expect(run).toMatchObject({ state: 'succeeded', result: 2, notebook: { version: 1 } })
  expect(run.outputs!.map(({ seq, cell, kind }) => [seq, cell, kind])).toEqual([
    [1, 'c2', 'stdout'],
    [2, 'c3', 'result'],
  ])
  expect(await all.runs.get(workspace, run.id)).toEqual(run)
  const { id } = await all.kernels.open(workspace, notebook.id)
  for (const source of ['1', '2', 'const silent = 1', '3'])
    await all.kernels.execute(workspace, id, { source, cell: 'c1' }, 60)
  const { items, lastSeq } = await all.kernels.outputs(workspace, notebook.id)
  expect([items.map(({ seq }) => seq), lastSeq]).toEqual([[3], 3])
  await all.runs.recover()
})
