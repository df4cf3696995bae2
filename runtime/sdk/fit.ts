/** The engine's services as the host functions ask for them; `runs` is opened after the host that it is given. */
import type { SdkRuns, SdkServices } from './services.ts'

export type Parts = Omit<SdkServices, 'runs'> & { runs: () => SdkRuns }

export function toSdkServices({ runs, ...services }: Parts): SdkServices {
  return { ...services, runs: { nest: (...given) => runs().nest(...given) } }
}
