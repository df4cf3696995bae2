/**
 * The faults. Each is done at the moment it is called and undone when it resolves; what then has to come right by
 * itself is waited for by who calls. The number that comes along is random in [0, 1).
 */
import { spawn } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { until } from '../stream/until.ts'
import type { Scene } from './scene.ts'

export interface Kind {
  name: string
  /** Of one store only. */
  store?: 'sqlite' | 'mongodb'
  /** Returns the messages that may rightly be lost. */
  run(scene: Scene, chance: number): Promise<Iterable<number> | void>
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
/** How long what is refused is refused. */
const toRefusal = (chance: number): number => 300 + chance * 2700

/** Another process holds the write lock of the file. */
async function lock(file: string, ms: number): Promise<void> {
  const script = `
    const { DatabaseSync } = require('node:sqlite')
    const db = new DatabaseSync(${JSON.stringify(file)}, { timeout: 30000 })
    db.exec('begin immediate')
    setTimeout(() => { db.exec('rollback'); process.exit() }, ${ms})`
  const holder = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'inherit', 'inherit'] })
  await new Promise((resolve) => holder.once('exit', resolve))
}

export const kinds: Kind[] = [
  {
    name: 'socket cut',
    async run({ proxy, senderProxy }, chance) {
      if (chance < 0.7) await until(() => proxy.cut() > 0)
      if (chance > 0.4) await until(() => senderProxy.cut() > 0)
    },
  },
  {
    name: 'half-open peer',
    async run({ proxy, senderProxy }, chance) {
      if (chance < 0.7) await until(() => proxy.freeze() > 0)
      if (chance > 0.4) await until(() => senderProxy.freeze() > 0)
    },
  },
  {
    name: 'channel error',
    async run({ proxy }) {
      await until(() => proxy.failChannels() > 0)
    },
  },
  {
    name: 'consumer cancelled',
    async run({ proxy }) {
      await until(() => proxy.cancelConsumers() > 0)
    },
  },
  {
    // Rightly lost is what the queue held: confirmed by it, and not in the log. While there is none, what is sent comes
    // back and is not confirmed, so all that is confirmed then was confirmed by the queue that went.
    name: 'queue deleted',
    async run({ sender, log, deleteQueue, makeQueue }, chance) {
      await deleteQueue()
      await pause(chance * 500)
      await sender.hold()
      await log.look()
      const held = []
      for (let i = 0; i < sender.added; i++) if (sender.isConfirmed(i) && !log.has(i)) held.push(i)
      await makeQueue()
      sender.go()
      return held
    },
  },
  {
    name: 'cut during setup',
    async run({ proxy }, chance) {
      const first = 1 + Math.floor(chance * 8)
      proxy.cutSetups(chance < 0.5 ? [first, first + 4] : [first, first + 2, first + 4])
      proxy.cut()
    },
  },
  {
    name: 'broker blocked',
    async run({ broker }, chance) {
      const memory = chance < 0.5
      if (memory) await broker.ctl('set_vm_memory_high_watermark', '0.000001')
      else await broker.ctl('set_disk_free_limit', '900000GB')
      await pause(toRefusal(chance))
      if (memory) await broker.ctl('set_vm_memory_high_watermark', '0.4')
      else await broker.ctl('set_disk_free_limit', '1MB')
    },
  },
  {
    name: 'disk full',
    store: 'sqlite',
    async run({ data }, chance) {
      await writeFile(join(data, 'free'), '400000000')
      await pause(toRefusal(chance))
      await rm(join(data, 'free'))
    },
  },
  {
    name: 'store refuses writes',
    store: 'sqlite',
    run: ({ data }, chance) =>
      lock(join(data, chance < 0.7 ? 'log.db' : 'documents.db'), toRefusal((chance * 7) % 1)),
  },
  {
    name: 'store does not answer',
    store: 'mongodb',
    async run({ mongo }, chance) {
      mongo!.freeze()
      await pause(toRefusal(chance))
      mongo!.thaw()
    },
  },
  {
    name: 'broker killed',
    async run({ broker, settled }, chance) {
      await settled()
      await broker.kill()
      await pause(chance * 500)
      await broker.start()
    },
  },
  {
    name: 'store killed',
    store: 'mongodb',
    async run({ mongo }) {
      await mongo!.kill()
      await mongo!.start()
    },
  },
  {
    name: 'ingest killed',
    async run({ executor }, chance) {
      await executor.killIngest()
      if (chance > 0.5) await executor.killIngest()
    },
  },
  { name: 'executor killed', run: ({ executor }) => executor.kill() },
  { name: 'executor and ingest killed', run: ({ executor }) => executor.kill(true) },
]
