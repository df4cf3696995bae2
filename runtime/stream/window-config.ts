/** What a window operator accepts as its configuration. */
import { AppError } from '../error.ts'
import { checkZone } from './calendar.ts'
import type { OperatorConfig, WatermarkKind, WindowKind } from './operator.ts'

function check(holds: boolean, message: string): void {
  if (!holds) throw new AppError('invalid', `The window is wrong: ${message}.`)
}
const isCount = (value: number): boolean => Number.isSafeInteger(value) && value > 0
const isLength = (value: number | undefined): boolean =>
  value === undefined || (Number.isSafeInteger(value) && value >= 0)
const kinds = ['tumbling', 'hopping', 'calendar', 'sliding', 'session', 'count', 'global']
const units = ['hour', 'day', 'week', 'month', 'quarter', 'year']

/** invalid: says which field and what would be right. */
export function checkOperatorConfig(config: OperatorConfig): void {
  const { window, watermark, trigger, allowedLatenessMs: lateness, lateAlarm, maxFutureSkewMs } = config
  checkWindow(window)
  checkWatermark(watermark)
  check(Number.isSafeInteger(lateness) && lateness >= 0, 'allowedLateness must be >= 0')
  check(maxFutureSkewMs === undefined || maxFutureSkewMs >= 0, 'maxFutureSkew must be >= 0')
  check(
    !config.emitEmpty || window.type === 'tumbling' || window.type === 'calendar',
    'emitEmpty needs tumbling or calendar windows: an empty hopping window says nothing that its neighbours do not',
  )
  if (trigger) {
    const { type = 'watermark', earlyCount, earlyEveryMs } = trigger
    check(type === 'watermark' || type === 'element', 'trigger must be watermark or element')
    check(earlyCount === undefined || isCount(earlyCount), 'earlyCount must be > 0')
    check(earlyEveryMs === undefined || isCount(earlyEveryMs), 'earlyEvery must be > 0, in whole ms')
    check(
      !(window.type === 'sliding' || window.type === 'count') ||
        (type === 'watermark' && earlyCount === undefined && earlyEveryMs === undefined),
      `${window.type} windows are told by their events; they have no early panes`,
    )
  }
  if (lateAlarm) {
    check(
      (lateAlarm.lastEvents === undefined) !== (lateAlarm.lastMs === undefined),
      'lateAlarm needs exactly one of lastEvents and lastMs',
    )
    check((lateAlarm.lastEvents ?? lateAlarm.lastMs ?? 0) > 0, 'the horizon of lateAlarm must be > 0')
    check(lateAlarm.maxRejects >= 0, 'maxRejects must be >= 0')
  }
}

function checkWindow(window: WindowKind): void {
  check(kinds.includes(window.type), `type must be one of ${kinds.join(', ')}`)
  switch (window.type) {
    case 'tumbling':
    case 'hopping':
      check(isCount(window.sizeMs), 'size must be > 0, in whole ms')
      check(window.offsetMs === undefined || Number.isSafeInteger(window.offsetMs), 'offset must be whole ms')
      if (window.type === 'hopping')
        check(isCount(window.hopMs) && window.hopMs <= window.sizeMs, 'hop must be in (0,size]')
      break
    case 'calendar':
      check(units.includes(window.unit), `unit must be one of ${units.join(', ')}`)
      checkZone(window.zone)
      break
    case 'sliding':
      check(isCount(window.sizeMs), 'size must be > 0, in whole ms')
      check(
        window.closed === undefined || window.closed === 'right' || window.closed === 'both',
        'closed must be right or both',
      )
      break
    case 'session':
      check(isCount(window.gapMs), 'gap must be > 0')
      break
    case 'count':
      check(isCount(window.size), 'size must be > 0')
      check(
        window.slide === undefined || (isCount(window.slide) && window.slide <= window.size),
        'slide must be in (0,size]',
      )
      break
    case 'global':
  }
}

function checkWatermark(watermark: WatermarkKind): void {
  switch (watermark.type) {
    case 'bounded':
    case 'boundedPlusWallclock':
      check(Number.isSafeInteger(watermark.boundMs) && watermark.boundMs >= 0, 'bound must be >= 0')
      if (watermark.type === 'bounded')
        check(
          watermark.idleTimeoutMs === undefined || isCount(watermark.idleTimeoutMs),
          'idleTimeout must be > 0',
        )
      break
    case 'wallClockLag':
      check(isLength(watermark.lagMs), 'lag must be >= 0')
      break
    case 'punctuated':
      break
    default:
      check(false, 'watermark must be bounded, boundedPlusWallclock, punctuated or wallClockLag')
  }
}

/** `%` has the sign of its left side; windows before 1970 need the other one. */
export function floorMod(value: number, by: number): number {
  const rest = value % by
  return rest < 0 ? rest + by : rest
}
