/** Money by the operator's prices: CPU time, and peak memory held over the wall time. */
import type { Prices } from './services.ts'

const gigabyte = 1024 ** 3

export function toCost(prices: Prices, use: { cpuMs: number; wallMs: number; peakBytes: number }): number {
  const cpuHours = use.cpuMs / 3_600_000
  const gbHours = (use.peakBytes / gigabyte) * (use.wallMs / 3_600_000)
  return cpuHours * prices.cpuHour + gbHours * prices.gbHour
}
