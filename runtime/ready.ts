/** What /ready says: each part with whether it works and what is wrong, in words. */
import { toMessage } from './error.ts'
import type { Sandboxes } from './sandbox/port.ts'
import type { Store } from './store/port.ts'
import type { Ingest } from './stream/supervisor.ts'

export interface Check {
  ok: boolean
  detail: string
}
const waitMs = 5000

export function createReady(parts: {
  store: Pick<Store, 'in'>
  sandboxes: Pick<Sandboxes, 'wrappers'>
  ingest: Pick<Ingest, 'pid' | 'restarts'>
}): () => Promise<{ [check: string]: Check }> {
  return async () => {
    const { mode, missing } = parts.sandboxes.wrappers
    const { pid, restarts } = parts.ingest
    return {
      store: await checkStore(parts.store),
      sandboxes: {
        ok: mode !== 'none',
        detail:
          missing.length === 0
            ? `Children run under ${mode}.`
            : `Children run under ${mode}; missing: ${missing.join(', ')}.`,
      },
      ingest: {
        ok: pid !== undefined,
        detail:
          pid === undefined
            ? 'The ingest process is being started again.'
            : `It was started again ${restarts} times.`,
      },
    }
  }
}

async function checkStore(store: Pick<Store, 'in'>): Promise<Check> {
  const started = performance.now()
  try {
    const late = AbortSignal.timeout(waitMs)
    await Promise.race([
      store.in('tenant0').count('members'),
      new Promise((_, reject) => {
        late.addEventListener('abort', () => reject(new Error(`no answer within ${waitMs} ms`)))
      }),
    ])
    return { ok: true, detail: `It answered in ${Math.round(performance.now() - started)} ms.` }
  } catch (error) {
    return { ok: false, detail: `The store does not answer: ${toMessage(error)}` }
  }
}
