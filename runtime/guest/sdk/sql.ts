/**
 * The `sql` tag: the text with what is bound, and the variables of the notebook that the text may name. A table that
 * came from the host and was not touched is named by its handle; the host asks for its columns when it has them no more.
 */
import type { Json } from '../../json.ts'
import type { Suricate } from '../../sdk/interface.ts'
import type { Bridge } from '../bridge.ts'
import type { CallWith } from './payload.ts'
import { toJson } from './json.ts'
import { toRelation } from './relation.ts'
import { GuestTable, type TableHead } from './table.ts'

/** Of the notebook, by name; undefined values are not variables. */
export type Variables = readonly { name: string; value: unknown }[]

export function createSql(bridge: Bridge, callWith: CallWith): (variables: Variables) => Suricate['sql'] {
  return (variables) =>
    async (strings, ...values) => {
      const text = strings.reduce((left, right, i) => `${left}$${i}${right}`)
      const bound = toJson(values)
      const sent = variables.map(({ name, value }) => ({ name, table: toRelation(value) }))
      const ask = async (
        handles: boolean,
      ): Promise<{ value: TableHead | { missing: true }; binary: Uint8Array[] }> => {
        const frames: Uint8Array[] = []
        const heads = sent.map(({ name, table }): Json => {
          if (typeof table === 'string') return { name, is: table }
          const from = handles ? GuestTable.sourceOf(table) : undefined
          if (from !== undefined) return { name, from }
          frames.push(...GuestTable.toFrames(table))
          const types = table.names.map((column) => table.types[column]!)
          return { name, names: [...table.names], types, rows: table.length }
        })
        const args = heads.length === 0 ? [text, bound] : [text, bound, heads]
        const answer = await (frames.length === 0 ? bridge.call('sql', args) : callWith('sql', args, frames))
        return answer as unknown as Awaited<ReturnType<typeof ask>>
      }
      let answer = await ask(true)
      if ('missing' in answer.value) answer = await ask(false)
      return new GuestTable(answer.value as TableHead, answer.binary)
    }
}
