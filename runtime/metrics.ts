/** Prometheus figures of this process: requests by operation, and what Node tells of itself. */
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client'

export interface Metrics {
  registry: Registry
  answered: (operation: string, status: number, ms: number) => void
}

export function openMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'suricate_' })
  const requests = new Histogram({
    name: 'suricate_request_seconds',
    help: 'Time to answer a request of the REST API, in seconds',
    labelNames: ['operation', 'status'],
    buckets: [0.001, 0.005, 0.02, 0.05, 0.1, 0.5, 2, 10, 60],
    registers: [registry],
  })
  return {
    registry,
    answered: (operation, status, ms) => requests.observe({ operation, status }, ms / 1000),
  }
}
