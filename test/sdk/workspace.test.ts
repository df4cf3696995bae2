import { describe, expect, test } from 'vitest'
import { toType } from '../../runtime/sdk/shape.ts'
import { openDeclarations, type WorkspaceNames } from '../../runtime/sdk/workspace.ts'

describe('toType', () => {
  test('has what the values have in common; what some lack is optional', () => {
    expect(
      toType([
        { at: 'x', value: 1 },
        { at: 'y', value: null, host: { name: 'a' } },
      ]),
    ).toBe('{ "at": string; "value": number | null; "host"?: { "name": string } }')
    expect(toType([[1, 'a'], [2]])).toBe('(number | string)[]')
    expect(toType([[], 'x'])).toBe('string | Json[]')
    expect(toType([])).toBe('Json')
  })
  test('is bounded in depth and in names', () => {
    let deep: { [key: string]: never } | object = {}
    for (let i = 0; i < 50; i++) deep = { a: deep }
    expect(toType([deep as never]).length).toBeLessThan(100)
    expect(toType([Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`k${i}`, i]))])).toBe(
      'JsonObject',
    )
  })
})

const names: WorkspaceNames = {
  objects: () =>
    Promise.resolve([
      { name: 'history "1"', sha256: 'a', columns: [{ name: 'at', type: 'time' }] },
      { name: 'notes.pdf', sha256: 'b', columns: [] },
    ]),
  streams: () =>
    Promise.resolve([
      { id: 's', name: 'live' },
      { id: 'e', name: 'empty' },
    ]),
  bodies: (id) => Promise.resolve(id === 's' ? [{ v: 1 }] : []),
  models: () => Promise.resolve([{ name: 'm', signature: { features: [{ name: 'v' }] } }]),
  describe: (sql) =>
    sql.includes('broken')
      ? Promise.reject(new Error('no'))
      : Promise.resolve([{ name: 'n', type: 'bigint' }]),
}
const notebook = (...sources: string[]) => ({
  cells: sources.map((source, i) => ({ id: `c${i}`, type: 'typescript' as const, source })),
})

describe('openDeclarations', () => {
  test('tells objects, streams, models and queries as types', async () => {
    const declarations = openDeclarations(() => names)
    const made = 'await objects.create(\'new\', []); models.save("mine", {})'
    expect(
      await declarations.get('w', notebook('await sql`select count(*) as n from t`', 'sql`broken`', made)),
    ).toBe(
      `declare module 'suricate' {
  interface KnownObjects {
    "history \\"1\\"": { "at": "time" }
    "notes.pdf": Columns
    "new": Columns
  }
  interface KnownStreams {
    "live": { "v": number }
    "empty": Json
  }
  interface KnownModels {
    "m": { "features": [{ "name": "v" }] }
    "mine": JsonObject | null
  }
  interface KnownQueries {
    "select count(*) as n from t": { "n": "bigint" }
  }
}
`,
    )
  })
  test('describes a query once for the same objects', async () => {
    const asked: string[] = []
    const declarations = openDeclarations(() => ({
      ...names,
      describe: (sql) => {
        asked.push(sql)
        return Promise.resolve([])
      },
    }))
    await declarations.get('w', notebook('sql`select 1`'))
    await declarations.get('w', notebook('sql`select 1`', 'sql`select 2`'))
    expect(asked).toEqual(['select 1', 'select 2'])
  })
})
