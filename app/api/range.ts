/** The Range header (RFC 9110): one range of bytes; several, or what is no range, are answered with everything. */
import { AppError } from '../../runtime/error.ts'

/** `end` is exclusive. unsatisfiable ranges throw invalid with `details.status` 416. */
export function parseRange(header: string | null, bytes: number): { start: number; end: number } | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  if (!match || (match[1] === '' && match[2] === '')) return undefined
  const [, first = '', last = ''] = match
  const start = first === '' ? Math.max(0, bytes - Number(last)) : Number(first)
  const end = first === '' || last === '' ? bytes : Math.min(bytes, Number(last) + 1)
  if (start >= bytes || end <= start)
    throw new AppError('invalid', `The range ${header} lies outside of ${bytes} bytes.`, { status: 416 })
  return { start, end }
}
