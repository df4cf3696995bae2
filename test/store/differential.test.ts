/**
 * The two adapters side by side: 1,000 random sequences of up to 40 operations; results, error codes and order are
 * equal. The seed is printed; STORE_FUZZ_SEED=N repeats it, STORE_FUZZ_SEQUENCES=N does more.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { isAppError } from '../../runtime/error.ts'
import { openStore } from '../../runtime/store/open.ts'
import type { Store } from '../../runtime/store/port.ts'
import { useMongo } from '../mongo.ts'
import { createFuzz, createRandom, epoch, type Operation, type World } from './fuzz.ts'
import { schema } from './schema.ts'

const seed = Number(process.env['STORE_FUZZ_SEED'] ?? Date.now() % 1_000_000_000)
const sequences = Number(process.env['STORE_FUZZ_SEQUENCES'] ?? 1_000)
const lanes = 4

const mongo = await useMongo()
const data = mkdtempSync(join(tmpdir(), 'store-fuzz-'))
const opened: Store[] = []
afterAll(async () => {
  for (const store of opened) await store.close()
  await mongo?.close()
  rmSync(data, { recursive: true, force: true })
})

async function outcome(store: Store, operation: Operation): Promise<unknown> {
  try {
    return { value: await operation.run(store) }
  } catch (error) {
    return isAppError(error) ? { code: error.code } : { thrown: String(error) }
  }
}

test.skipIf(!mongo)(
  `${sequences} sequences give the same on SQLite and MongoDB, seed ${seed} (skipped without a MongoDB server)`,
  { timeout: 600_000 },
  async () => {
    if (!mongo) return
    console.log(`differential fuzz: STORE_FUZZ_SEED=${seed}`)
    let operations = 0
    const kinds = new Map<string, number>()
    const lane = async (number: number): Promise<void> => {
      const stores = [
        await openStore({ data: join(data, `sqlite${number}`), schema }),
        await openStore({
          data: join(data, `mongo${number}`),
          mongoUri: mongo.uri,
          mongoDatabase: `${mongo.database}_${number}`,
          schema,
        }),
      ] as const
      opened.push(...stores)
      for (const store of stores) await store.system.migrate()
      for (let i = number; i < sequences; i += lanes) {
        const fuzz = createFuzz(createRandom(seed + i))
        const world: World = {
          workspace: `w${i}`,
          now: epoch,
          leases: new Map(),
          commits: new Map(),
          cursor: undefined,
        }
        const done: string[] = []
        for (let left = fuzz.length(); left > 0; left--) {
          const operation = fuzz.next(world)
          done.push(operation.name)
          const [one, two] = await Promise.all(stores.map((store) => outcome(store, operation)))
          operations++
          const kind = operation.name.split(' ')[0] ?? ''
          kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
          expect(two, `sequence ${i} of seed ${seed}:\n${done.join('\n')}`).toEqual(one)
          const result = one as { value?: unknown; code?: string; thrown?: string }
          expect(result.thrown, done.join('\n')).toBeUndefined()
          expect(result.code, done.join('\n')).not.toBe('internal')
          if ('value' in result) operation.learn?.(result.value, world)
        }
      }
    }
    await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)))
    console.log(`differential fuzz: ${operations} operations of ${kinds.size} kinds`)
    if (sequences >= 1_000) expect(kinds.size).toBeGreaterThanOrEqual(35)
  },
)
