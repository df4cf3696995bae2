/** Egress for packages: of its own, for a package has many parts and large ones, and the registry is the operator's. */
import type { Config } from '../config.ts'
import { packageLimits } from './limits.ts'

export const npmLimits = {
  timeoutMs: 60_000,
  maxBytes: packageLimits.answerBytes,
  perMinute: 10 * packageLimits.packages,
}

/** The operator who names a registry allows its address. */
export function toNpmEgress(
  config: Pick<Config, 'SURICATE_EGRESS_ALLOW' | 'SURICATE_NPM_REGISTRY'>,
): Pick<Config, 'SURICATE_EGRESS_ALLOW'> {
  const { hostname, port, protocol } = new URL(config.SURICATE_NPM_REGISTRY)
  const pair = `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`
  return { SURICATE_EGRESS_ALLOW: [...config.SURICATE_EGRESS_ALLOW, pair] }
}
