/** What a window operator accepts as its configuration, and which windows an event belongs to. */
import { AppError } from '../error.ts'
import type { OperatorConfig, WindowKind } from './operator.ts'

function check(holds: boolean, message: string): void {
  if (!holds) throw new AppError('invalid', `The window is wrong: ${message}.`)
}

/** invalid: says which field and what would be right. */
export function checkOperatorConfig(config: OperatorConfig): void {
  const { window, watermark, allowedLatenessMs: lateness, lateAlarm, maxFutureSkewMs } = config
  check(window.type === 'tumbling' || window.type === 'hopping', 'type must be tumbling or hopping')
  check(Number.isSafeInteger(window.sizeMs) && window.sizeMs > 0, 'size must be > 0, in whole ms')
  check(window.offsetMs === undefined || Number.isSafeInteger(window.offsetMs), 'offset must be whole ms')
  if (window.type === 'hopping')
    check(
      Number.isSafeInteger(window.hopMs) && window.hopMs > 0 && window.hopMs <= window.sizeMs,
      'hop must be in (0,size]',
    )
  check(watermark.type === 'bounded', 'watermark must be bounded')
  check(Number.isSafeInteger(watermark.boundMs) && watermark.boundMs >= 0, 'bound must be >= 0')
  check(Number.isSafeInteger(lateness) && lateness >= 0, 'allowedLateness must be >= 0')
  check(maxFutureSkewMs === undefined || maxFutureSkewMs >= 0, 'maxFutureSkew must be >= 0')
  check(
    !config.emitEmpty || window.type === 'tumbling',
    'emitEmpty needs tumbling windows: an empty hopping window says nothing that its neighbours do not',
  )
  if (lateAlarm) {
    check(
      (lateAlarm.lastEvents === undefined) !== (lateAlarm.lastMs === undefined),
      'lateAlarm needs exactly one of lastEvents and lastMs',
    )
    check((lateAlarm.lastEvents ?? lateAlarm.lastMs ?? 0) > 0, 'the horizon of lateAlarm must be > 0')
    check(lateAlarm.maxRejects >= 0, 'maxRejects must be >= 0')
  }
}

/** `%` has the sign of its left side; windows before 1970 need the other one. */
export function floorMod(value: number, by: number): number {
  const rest = value % by
  return rest < 0 ? rest + by : rest
}

/** The latest start that is at or before `ts`. */
export function lastStart(window: WindowKind, ts: number): number {
  const step = window.type === 'hopping' ? window.hopMs : window.sizeMs
  return ts - floorMod(ts - (window.offsetMs ?? 0), step)
}
