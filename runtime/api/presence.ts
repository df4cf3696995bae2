import { z } from 'zod'
import { id, idParams, operation } from './operation.ts'

/** The data of `presence` events of a kernel: `{people: Person[]}`. */
export const person = z.object({
  /** Of the page; a person with two tabs is there twice. */
  id: z.string(),
  name: z.string(),
  /** Where they are. */
  cell: z.string().nullable(),
  kind: z.enum(['person', 'token']),
})
export type Person = z.infer<typeof person>
const people = z.object({ people: z.array(person) })

export const presenceOperations = {
  findPresence: operation({
    method: 'get',
    path: '/notebooks/{id}/presence',
    tag: 'presence',
    summary: 'Who has the notebook open, at most 50',
    scope: 'read',
    params: idParams,
    response: people,
  }),
  putPresence: operation({
    method: 'put',
    path: '/notebooks/{id}/presence',
    tag: 'presence',
    summary: 'Be there, on a cell, for two minutes; or, with gone, no more. Answers who is there',
    scope: 'read',
    params: idParams,
    body: z.object({
      tab: z
        .string()
        .regex(/^[\w-]{8,64}$/, 'is 8 to 64 letters, digits, - and _')
        .describe('of the page, at random'),
      cell: id.nullable().default(null),
      gone: z.boolean().default(false),
    }),
    response: people,
  }),
}
