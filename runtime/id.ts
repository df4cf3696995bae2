import { randomBytes } from 'node:crypto'

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** A new identifier that sorts by time of creation: `run_01k9…`, 10 characters of time and 12 random ones. */
export function newId(prefix: string, now: number = Date.now()): string {
  let time = ''
  let rest = now
  for (let i = 0; i < 10; i++) {
    time = alphabet[rest % 32] + time
    rest = Math.floor(rest / 32)
  }
  let random = ''
  for (const byte of randomBytes(12)) random += alphabet[byte % 32]
  return `${prefix}_${time}${random}`
}
