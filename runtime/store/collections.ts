/**
 * Every collection with the fields that filters, sorts and aggregates may name, and its indexes. What is not declared
 * here is stored as part of the document but cannot be asked for. A change here is a migration (migrations.ts).
 */
export type FieldType = 'string' | 'number' | 'boolean' | 'time' | 'strings'
export interface Index {
  fields: string[]
  unique?: boolean
  /** Only documents in which this field has this value. */
  where?: { field: string; equals: string | number | boolean }
  /** Documents go when this time field lies in the past. */
  expires?: boolean
}
export interface Collection {
  fields: { [field: string]: FieldType }
  indexes: Index[]
}

const collection = <const C extends Collection>(c: C): C => c

export const collections = {
  // tenant0 only
  members: collection({
    fields: { workspace: 'string', name: 'string', role: 'string', createdAt: 'time' },
    indexes: [{ fields: ['workspace', 'name'], unique: true }],
  }),
  tokens: collection({
    fields: { hash: 'string', workspace: 'string', member: 'string', createdAt: 'time', expiresAt: 'time' },
    indexes: [
      { fields: ['hash'], unique: true },
      { fields: ['workspace', 'createdAt'] },
      { fields: ['expiresAt'], expires: true },
    ],
  }),
  sessions: collection({
    fields: { member: 'string', expiresAt: 'time' },
    indexes: [{ fields: ['expiresAt'], expires: true }],
  }),
  shares: collection({
    fields: { workspace: 'string', notebook: 'string', createdAt: 'time', expiresAt: 'time' },
    indexes: [{ fields: ['workspace', 'notebook', 'createdAt'] }, { fields: ['expiresAt'], expires: true }],
  }),
  // every workspace
  projects: collection({
    fields: { name: 'string', createdAt: 'time' },
    indexes: [{ fields: ['name'], unique: true }],
  }),
  packages: collection({
    fields: { project: 'string', name: 'string', state: 'string', createdAt: 'time' },
    indexes: [{ fields: ['project', 'name'], unique: true }],
  }),
  notebooks: collection({
    fields: {
      name: 'string',
      project: 'string',
      kind: 'string',
      tags: 'strings',
      createdAt: 'time',
      updatedAt: 'time',
      deletedAt: 'time',
    },
    indexes: [{ fields: ['project', 'name'], unique: true }, { fields: ['updatedAt'] }],
  }),
  notebookVersions: collection({
    fields: { notebook: 'string', version: 'number', createdAt: 'time' },
    indexes: [{ fields: ['notebook', 'version'], unique: true }],
  }),
  outputs: collection({
    // one document per cell of a notebook's kernel or of a run: what a page shows after a reload
    fields: { owner: 'string', cell: 'string', seq: 'number', createdAt: 'time' },
    indexes: [{ fields: ['owner', 'seq'] }],
  }),
  outputTables: collection({
    fields: {
      owner: 'string',
      cell: 'string',
      notebook: 'string',
      sha256: 'string',
      bytes: 'number',
      createdAt: 'time',
    },
    indexes: [{ fields: ['owner', 'cell'] }, { fields: ['sha256'] }, { fields: ['createdAt'] }],
  }),
  runs: collection({
    fields: {
      notebook: 'string',
      project: 'string',
      state: 'string',
      trigger: 'string',
      createdAt: 'time',
      endedAt: 'time',
      leaseUntil: 'time',
      leaseOwner: 'string',
      cpuMs: 'number',
      wallMs: 'number',
    },
    indexes: [
      { fields: ['state', 'createdAt'] },
      { fields: ['notebook', 'createdAt'] },
      { fields: ['createdAt'] },
      { fields: ['endedAt'] },
    ],
  }),
  triggers: collection({
    fields: {
      notebook: 'string',
      edition: 'number',
      type: 'string',
      enabled: 'boolean',
      nextAt: 'time',
      stream: 'string',
      createdAt: 'time',
      leaseUntil: 'time',
      leaseOwner: 'string',
    },
    indexes: [{ fields: ['nextAt'] }, { fields: ['notebook'] }],
  }),
  firings: collection({
    fields: {
      trigger: 'string',
      turn: 'string',
      state: 'string',
      live: 'boolean',
      order: 'number',
      nextAt: 'time',
      expiresAt: 'time',
      leaseUntil: 'time',
      leaseOwner: 'string',
    },
    indexes: [
      { fields: ['trigger', 'order'] },
      { fields: ['live', 'nextAt'] },
      { fields: ['turn', 'order'] },
      { fields: ['expiresAt'], expires: true },
    ],
  }),
  // which firing may run now, of those that share a concurrency key
  turns: collection({ fields: { holder: 'string' }, indexes: [] }),
  objects: collection({
    fields: {
      name: 'string',
      tags: 'strings',
      mediaType: 'string',
      bytes: 'number',
      sha256: 'string',
      createdAt: 'time',
      updatedAt: 'time',
      // when the bytes came
      uploadedAt: 'time',
    },
    indexes: [
      { fields: ['name'], unique: true },
      { fields: ['updatedAt'] },
      { fields: ['uploadedAt'] },
      { fields: ['sha256'] },
    ],
  }),
  streams: collection({
    fields: { name: 'string', type: 'string', state: 'string', createdAt: 'time' },
    indexes: [{ fields: ['name'], unique: true }],
  }),
  collectors: collection({
    fields: { host: 'string', seenAt: 'time', expiresAt: 'time' },
    indexes: [{ fields: ['host'] }, { fields: ['expiresAt'], expires: true }],
  }),
  digests: collection({ fields: {}, indexes: [] }),
  // what came of dead letters: their id says stream and seq
  letters: collection({ fields: {}, indexes: [] }),
  // written all the time: their id says stream, unit and start, and ranges of ids find them
  rollups: collection({ fields: { expiresAt: 'time' }, indexes: [] }),
  models: collection({
    fields: { name: 'string', createdAt: 'time', updatedAt: 'time' },
    indexes: [{ fields: ['name'], unique: true }, { fields: ['updatedAt'] }],
  }),
  modelVersions: collection({
    fields: { model: 'string', version: 'number', sha256: 'string', run: 'string', createdAt: 'time' },
    indexes: [{ fields: ['model', 'version'], unique: true }, { fields: ['run'] }, { fields: ['createdAt'] }],
  }),
  deployments: collection({
    fields: {
      name: 'string',
      notebook: 'string',
      project: 'string',
      state: 'string',
      createdAt: 'time',
      updatedAt: 'time',
    },
    indexes: [{ fields: ['state'] }, { fields: ['notebook'] }, { fields: ['createdAt'] }],
  }),
  actions: collection({
    fields: {
      kind: 'string',
      state: 'string',
      key: 'string',
      deployment: 'string',
      run: 'string',
      notebook: 'string',
      model: 'string',
      createdAt: 'time',
      at: 'time',
      nextAttemptAt: 'time',
      leaseUntil: 'time',
      leaseOwner: 'string',
      alert: 'string',
    },
    indexes: [
      { fields: ['state', 'nextAttemptAt'] },
      { fields: ['createdAt'] },
      { fields: ['deployment', 'createdAt'] },
      { fields: ['key', 'at'] },
      { fields: ['model', 'createdAt'] },
    ],
  }),
  alerts: collection({
    fields: {
      fingerprint: 'string',
      notebook: 'string',
      state: 'string',
      severity: 'string',
      firstAt: 'time',
      lastAt: 'time',
      createdAt: 'time',
      resolvedAt: 'time',
    },
    indexes: [
      { fields: ['fingerprint'] },
      { fields: ['state', 'lastAt'] },
      { fields: ['lastAt'] },
      { fields: ['createdAt'] },
      { fields: ['resolvedAt'] },
    ],
  }),
  idempotency: collection({
    fields: { expiresAt: 'time' },
    indexes: [{ fields: ['expiresAt'], expires: true }],
  }),
  settings: collection({ fields: {}, indexes: [] }),
  audit: collection({
    fields: { at: 'time', actor: 'string', action: 'string' },
    indexes: [{ fields: ['at'] }],
  }),
} as const satisfies Record<string, Collection>

export type CollectionName = keyof typeof collections
