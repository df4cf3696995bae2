/** Figures as people read them: three significant digits, thousands apart, always with a unit. */
export function toFigure(value: number): string {
  if (!Number.isFinite(value)) return '–'
  const size = Math.abs(value)
  if (Number.isInteger(value) || size >= 1000) return Math.round(value).toLocaleString('en-US')
  if (size !== 0 && size < 0.001) return value.toExponential(2)
  return Number(value.toPrecision(3)).toLocaleString('en-US', { maximumFractionDigits: 6 })
}
export function toBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let unit = 0
  let value = bytes
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${Number.isInteger(value) ? value : toFigure(value)} ${units[unit]}`
}
export function toDuration(ms: number): string {
  if (ms < 1000) return `${toFigure(ms)} ms`
  const s = ms / 1000
  if (s < 60) return `${toFigure(s)} s`
  if (s < 3600) return `${Math.floor(s / 60)} min ${Math.floor(s % 60)} s`
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`
  return `${Math.floor(s / 86_400)} d ${Math.floor((s % 86_400) / 3600)} h`
}
export function toAgo(at: number, now = Date.now()): string {
  const s = Math.round((now - at) / 1000)
  if (Math.abs(s) < 2) return 'now'
  const [value, unit] =
    Math.abs(s) < 60
      ? [s, 's']
      : Math.abs(s) < 3600
        ? [Math.floor(s / 60), 'min']
        : Math.abs(s) < 172_800
          ? [Math.floor(s / 3600), 'h']
          : [Math.floor(s / 86_400), 'd']
  return s < 0 ? `in ${-value} ${unit}` : `${value} ${unit} ago`
}
export function toTime(at: number, options: { utc?: boolean; seconds?: boolean } = {}): string {
  return new Date(at).toLocaleString('sv-SE', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    ...(options.seconds === false ? {} : { second: '2-digit' }),
    timeZone: options.utc ? 'UTC' : undefined,
    timeZoneName: options.utc ? undefined : 'short',
  } as Intl.DateTimeFormatOptions)
}
/** Event time: of the data, so in UTC. */
export function toEventTime(at: number): string {
  return `${toTime(at, { utc: true })} UTC`
}
export function toCount(count: number, one: string, many = `${one}s`): string {
  return `${toFigure(count)} ${count === 1 ? one : many}`
}
export function toCell(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number')
    return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(7)))
  if (typeof value === 'object') return JSON.stringify(value)
  return String(value)
}
/** A cell of a table whose column has this type. */
export function toTypedCell(value: unknown, type: string | undefined): string {
  return type === 'time' && typeof value === 'number' ? toEventTime(value) : toCell(value)
}
export function isNumeric(type: string | undefined): boolean {
  return type === 'number' || type === 'integer' || type === 'bigint'
}
