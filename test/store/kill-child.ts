/** The process that kill.test.ts lets die: commits and appends until its `killAt`-th change, and says what was
 * acknowledged. Argument: the configuration of the store as JSON. */
import { openStore, type StoreConfig } from '../../runtime/store/open.ts'
import { batchOf, commitOf, lastNumber } from './kill-steps.ts'

const { owner, ...config } = JSON.parse(process.argv[2] ?? '{}') as StoreConfig & { owner: string }
const store = await openStore(config)
await store.system.migrate()
const { commits, log } = store.in('w')
const say = (line: string): boolean => process.stdout.write(`${line}\n`)

const lease = await commits.lease('d', owner, 0, 1_000)
const held = await log.lease('s', owner, 0, 1_000)
if (!lease || !held) throw new Error('The lease is taken.')
const head = await commits.head('d')
for (let number = (head?.number ?? 0) + 1; number <= lastNumber; number++) {
  await commits.commit({ ...commitOf(number), lease })
  say(`commit ${number}`)
}
for (let number = 1; number <= lastNumber; number++) {
  await log.append('s', held, { messages: batchOf(number), ackedSeq: number, source: { number } })
  say(`batch ${number}`)
}
await store.close()
say('end')
