/** A reference case of event-time windows: its form, and what an operator makes of it in that form. */
import type { Json } from '../../runtime/json.ts'
import type { Operator, OperatorConfig, OperatorResult } from '../../runtime/stream/operator.ts'
import { createOperator } from '../../runtime/stream/window-operator.ts'

type Item = { id: string; value: number }
export interface Vector {
  id: string
  title: string
  config: OperatorConfig
  input: (
    | { type?: 'event'; id: string; ts: number; key: string; value: number; at?: number; partition?: string }
    | { type: 'tick'; at: number; backlog?: string[] }
    | { type: 'watermark'; value: number }
    | { type: 'end' }
  )[]
  expected?: {
    panes: Json[]
    rejected: Json[]
    counts: Json
    alarms: Json[]
    finalWatermark: number | string
  }
  expectedError?: string
}

function step(operator: Operator<Item>, input: Vector['input'][number]): OperatorResult<Item> {
  switch (input.type) {
    case 'tick':
      return operator.tick(input.at, input.backlog)
    case 'watermark':
      return operator.mark(input.value)
    case 'end':
      return operator.end()
    default: {
      const { id, ts, key, value, at = 0, partition } = input
      return operator.add({ ts, key, at, partition, value: { id, value } })
    }
  }
}

/** `restart`: a new operator from the saved state after every input. */
export function runVector({ config, input }: Vector, restart: boolean): Json {
  const state = new Map<string, Json>()
  let operator: Operator<Item> = createOperator(config)
  const panes: Json[] = []
  const rejected: Json[] = []
  const alarms: Json[] = []
  for (const [after, one] of input.entries()) {
    const result = step(operator, one)
    for (const { items, key, trigger, ...pane } of result.panes) {
      const values = items.map((item) => item.value)
      panes.push({
        after,
        ...pane,
        key: key ?? '',
        ...(trigger && { trigger: trigger.id }),
        count: items.length,
        sum: values.reduce((a, b) => a + b, 0),
        min: values.length ? Math.min(...values) : null,
        max: values.length ? Math.max(...values) : null,
        ids: items.map((item) => item.id),
      })
    }
    if (result.rejected) rejected.push({ id: 'id' in one ? one.id : '', reason: result.rejected })
    if (result.alarm) alarms.push({ after, ...result.alarm })
    if (!restart) continue
    for (const [key, value] of Object.entries(operator.changes()))
      if (value === null) state.delete(key)
      else state.set(key, JSON.parse(JSON.stringify(value)) as Json)
    const clocks = JSON.parse(JSON.stringify(operator.clocks())) as Json
    operator = createOperator(config, { clocks, state })
  }
  const W = operator.watermark
  return {
    panes,
    rejected,
    counts: { ...operator.counters },
    alarms,
    finalWatermark: W === Infinity ? '+inf' : W === -Infinity ? '-inf' : W,
  }
}
