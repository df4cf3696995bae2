/**
 * The stores beside their own drivers, in one run: documents inserted, messages appended, in batches of 500. MongoDB
 * at MONGODB_URI, or started by MONGO_SERVER; left out when there is none.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { MongoClient } from 'mongodb'
import type { NewMessage } from '../runtime/store/log.ts'
import { openStore } from '../runtime/store/open.ts'
import type { Store } from '../runtime/store/port.ts'
import { useMongo } from '../test/mongo.ts'

const batches = 40
const size = 500
const folder = mkdtempSync(join(tmpdir(), 'store-bench-'))
const documents = (b: number): { id: string; state: string; createdAt: number }[] =>
  Array.from({ length: size }, (_, i) => ({ id: `d${b}-${i}`, state: 'queued', createdAt: b * size + i }))
const messages: NewMessage[] = Array.from({ length: size }, (_, i) => ({
  body: { host: 'web-1', value: i, text: 'x'.repeat(150) },
  headers: {},
  key: 'web-1',
  eventTime: 1e12 + i,
  receivedAt: 1e12 + i,
  messageId: `message-${i}`,
  redelivered: false,
  definition: 1,
  bytes: 200,
}))
/** Things a second. */
async function rate(work: (batch: number) => Promise<unknown> | undefined | void): Promise<number> {
  const start = performance.now()
  for (let b = 0; b < batches; b++) await work(b)
  return (batches * size * 1000) / (performance.now() - start)
}
async function measure(store: Store): Promise<{ documents: number; messages: number }> {
  await store.system.migrate()
  const w = store.in('bench')
  const lease = await w.log.lease('s', 'bench', 0, 1e9)
  if (!lease) throw new Error('no lease')
  const result = {
    documents: await rate((b) => w.insert('runs', documents(b))),
    messages: await rate(() => w.log.append('s', lease, { messages })),
  }
  await store.close()
  return result
}
function print(name: string, ours: number, bare: number): void {
  const number = (n: number): string => Math.round(n).toLocaleString('en').padStart(10)
  console.log(
    `${name.padEnd(28)}${number(ours)}/s ${number(bare)}/s bare   ratio ${(ours / bare).toFixed(2)}`,
  )
}

const db = new DatabaseSync(join(folder, 'bare.db'))
db.exec(
  'pragma journal_mode = wal; pragma synchronous = full; create table t (id text primary key, doc text)',
)
const insert = db.prepare('insert into t values (?, ?)')
const bareSqlite = async (items: (b: number) => { id: string; doc: unknown }[]): Promise<number> =>
  rate((b) => {
    db.exec('begin immediate')
    for (const { id, doc } of items(b)) insert.run(id, JSON.stringify(doc))
    db.exec('commit')
  })
const sqlite = await measure(await openStore({ data: join(folder, 'sqlite') }))
print(
  'SQLite documents',
  sqlite.documents,
  await bareSqlite((b) => documents(b).map((doc) => ({ id: doc.id, doc }))),
)
print(
  'SQLite messages',
  sqlite.messages,
  await bareSqlite((b) => messages.map((doc, i) => ({ id: `m${b}-${i}`, doc }))),
)
db.close()

const mongo = await useMongo()
if (mongo) {
  const ours = await measure(
    await openStore({ data: join(folder, 'mongo'), mongoUri: mongo.uri, mongoDatabase: mongo.database }),
  )
  const client = new MongoClient(mongo.uri, { writeConcern: { w: 'majority', journal: true } })
  const bare = client.db(mongo.database).collection<{ _id: string }>('bare')
  print(
    'MongoDB documents',
    ours.documents,
    await rate((b) => bare.insertMany(documents(b).map((d) => ({ ...d, _id: d.id })))),
  )
  print(
    'MongoDB messages',
    ours.messages,
    await rate((b) => bare.insertMany(messages.map((m, i) => ({ ...m, _id: `m${b}-${i}` })))),
  )
  await client.close()
  await mongo.close()
}
rmSync(folder, { recursive: true, force: true })
