/** `npm run backlog -- 1000000`: a queue with so many waiting, worked off by a real ingest process; prints what it took. */
import { openBroker } from '../broker.ts'
import { openRig } from '../stream/rig.ts'
import { workOffBacklog } from './backlog.ts'

const limitMs = 1_800_000
const count = Number(process.argv[2] ?? 1_000_000)
if (!Number.isSafeInteger(count) || count <= 0) {
  process.stderr.write('Usage: npm run backlog -- NUMBER\n')
  process.exit(2)
}
const broker = await openBroker()
const rig = await openRig()
const result = await workOffBacklog(broker, rig, count, limitMs)
await rig.close()
await broker.close()
process.stdout.write(`${JSON.stringify(result)}\n`)
process.exit(result.stored === count && result.lastIsLast ? 0 : 1)
