/** Migrations as a later release might have them, for migration.test.ts. */
import type { Migration } from '../../runtime/store/migrations.ts'

export const migrations: readonly Migration[] = [
  { version: 1, name: 'the first release' },
  { version: 2, name: 'the second' },
  { version: 3, name: 'the third' },
  {
    version: 4,
    name: 'names in capitals, and no small things',
    changes: {
      things: (thing) =>
        thing['size'] === 0
          ? null
          : { ...thing, name: String(thing['name'] ?? '').toUpperCase(), state: 'migrated' },
    },
  },
  { version: 5, name: 'an index only' },
]
