/**
 * SQL in a process of its own beside DuckDB in this one, over the same million rows: what the boundary costs. And
 * beside pandas, which reads and groups the file itself.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { TableFile } from '../runtime/table/port.ts'
import { toSource } from '../runtime/table/source.ts'
import { openTables } from '../runtime/table/tables.ts'
import { findPython, quantile, runPeer, tell } from './peers.ts'

const rounds = 15
const questions = {
  'group-by of a million-row CSV': 'select host, avg(cpu) cpu, count(*) n from "million" group by host',
  'a million rows of a CSV, 3 columns': 'select * from "million"',
  'a million rows made, 3 number columns':
    'select range::double a, range b, sqrt(range) c from range(1000000)',
}

/** Medians of several works, taken in turns, so that a busy moment is nobody's alone. */
async function medians(...works: (() => Promise<void>)[]): Promise<number[]> {
  const times = works.map((): number[] => [])
  for (let round = 0; round <= rounds; round++)
    for (const [i, work] of works.entries()) {
      const begin = performance.now()
      await work()
      if (round > 0) times[i]!.push(performance.now() - begin)
    }
  return times.map((list) => quantile(list, 0.5))
}

const folder = mkdtempSync(join(tmpdir(), 'bench-table-'))
const tables = await openTables()
try {
  const path = join(folder, 'million.csv')
  const lines = Array.from(
    { length: 1_000_000 },
    (_, i) => `${new Date(1.7e12 + i * 1000).toISOString()},web-${i % 50},${(Math.sin(i) * 100).toFixed(4)}`,
  )
  writeFileSync(path, `time,host,cpu\n${lines.join('\n')}\n`)
  const file: TableFile = { name: 'million', path, format: 'csv' }
  const begin = performance.now()
  file.read = (await tables.inspect(file, 'bench')).read
  console.log(`inspection at upload: ${(performance.now() - begin).toFixed(0)} ms`)

  const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
  const connection = await instance.connect()
  await connection.run(`create view million as select * from ${toSource(file)}`)
  for (const [name, sql] of Object.entries(questions)) {
    const [ours = 0, bare = 0] = await medians(
      async () => {
        await tables.query({ workspace: 'bench', sql, parameters: [], files: [file] })
      },
      async () => {
        const result = await connection.stream(sql)
        for (;;) {
          const chunk = await result.fetchChunk()
          if (!chunk || chunk.rowCount === 0) break
        }
      },
    )
    tell(name, ours, 'ms', 'DuckDB in this process, unread', bare)
  }

  const cold = openTables()
  const first = performance.now()
  const other = await cold
  await other.query({
    workspace: 'new',
    sql: questions['group-by of a million-row CSV'],
    parameters: [],
    files: [file],
  })
  console.log(`the same group-by from opening the tables on: ${(performance.now() - first).toFixed(0)} ms`)
  await other.close()

  const python = findPython()
  if (python) {
    const [ours = 0] = await medians(async () => {
      const sql = questions['group-by of a million-row CSV']
      await tables.query({ workspace: 'bench', sql, parameters: [], files: [file] })
    })
    const pandas = runPeer<{ groupby: number }>(python, 'groupby.py', path)
    tell('group-by of a million-row CSV', ours, 'ms', 'pandas', pandas.groupby)
  }
} finally {
  await tables.close()
  rmSync(folder, { recursive: true, force: true })
}
