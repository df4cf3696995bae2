/** Collections for the store's own tests: every type of field and every kind of index. */
import type { CollectionName } from '../../runtime/store/collections.ts'
import type { Schema } from '../../runtime/store/document.ts'

export const schema: Schema = {
  things: {
    fields: {
      name: 'string',
      size: 'number',
      on: 'boolean',
      at: 'time',
      tags: 'strings',
      state: 'string',
      leaseUntil: 'time',
      leaseOwner: 'string',
    },
    indexes: [
      { fields: ['name'] },
      { fields: ['state', 'at'] },
      { fields: ['size'] },
      { fields: ['on'], where: { field: 'state', equals: 'new' } },
    ],
  },
  unique: {
    fields: { project: 'string', name: 'string', live: 'boolean', expiresAt: 'time' },
    indexes: [
      { fields: ['project', 'name'], unique: true },
      { fields: ['name'], unique: true, where: { field: 'live', equals: true } },
      { fields: ['expiresAt'], expires: true },
    ],
  },
  tokens: {
    fields: { hash: 'string', createdAt: 'time' },
    indexes: [{ fields: ['hash'], unique: true }],
  },
}
/** The port names the real collections; these stand in for them. */
export const things = 'things' as CollectionName
export const unique = 'unique' as CollectionName
export const tokens = 'tokens' as CollectionName
