/** The pages over the stand-in for the API, with Chromium, for all tests of a file. */
import { afterAll, afterEach, beforeAll } from 'vitest'
import { openVisits, type Visit, type Visits } from './browser.ts'
import { serve, type Served } from './serve.ts'

export interface Pages {
  readonly url: string
  open(...given: Parameters<Visits['open']>): Promise<Visit>
}

export function useVisits(): Pages {
  let served: Served
  let visits: Visits
  beforeAll(async () => {
    served = await serve()
    visits = await openVisits(served.url)
  })
  afterEach(() => visits?.leave())
  afterAll(async () => {
    await visits?.close()
    await served?.close()
  })
  return {
    get url() {
      return served.url
    },
    open: (...given) => visits.open(...given),
  }
}
