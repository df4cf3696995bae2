/** What the killed process commits and appends, and what a reader must see after each step. */
import type { Commit, NewMessage, OutboxEntry, Row } from '../../runtime/store/log.ts'
import { newMessage } from './log.case.ts'

export const lastNumber = 2

const row = (id: string, number: number): Row => ({
  id,
  key: null,
  start: 0,
  end: id === 'same' ? 0 : number,
  pane: number,
  at: number,
  fields: { number },
})
const entry = (id: string): OutboxEntry => ({ id, kind: 'webhook', at: 1, body: {} })

/** Each changes one key and row, adds some, and removes the key that the one before added. */
export function commitOf(number: number): Omit<Commit, 'lease'> {
  return {
    deployment: 'd',
    number,
    offsets: { s: number },
    clocks: { number },
    state: {
      same: number,
      [`only${number}`]: number,
      ...(number > 1 ? { [`only${number - 1}`]: null } : {}),
    },
    rows: [row('same', number), row(`only${number}`, number)],
    outbox: [entry(`o${number}`), entry(`p${number}`)],
  }
}
export interface Seen {
  head: unknown
  state: unknown
  rows: unknown
  outbox: unknown
}
export function seenAfter(number: number): Seen {
  if (number === 0) return { head: undefined, state: [], rows: [], outbox: [] }
  const numbers = Array.from({ length: number }, (_, i) => i + 1)
  return {
    head: { number, offsets: { s: number }, clocks: { number } },
    state: [
      { key: `only${number}`, value: number },
      { key: 'same', value: number },
    ],
    rows: [row('same', number), ...numbers.map((n) => row(`only${n}`, n))],
    outbox: numbers.flatMap((n) => [`o${n}`, `p${n}`]),
  }
}
export function batchOf(number: number): NewMessage[] {
  return [1, 2, 3].map((i) => newMessage(number * 10 + i))
}
