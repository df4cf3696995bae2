/**
 * Outputs in the store: documents of up to 4 MB with consecutive outputs of one owner, a run or a notebook (whose kernel
 * keeps those of the last execution of each cell). `seq` of a document is its first output's, `last` its last one's;
 * a cell without outputs keeps an empty document, so that `last` never goes back.
 */
import type { Output } from '../api/runs.ts'
import { newId } from '../id.ts'
import { isJsonObject, isShallow, type Json } from '../json.ts'
import { collapse, tableMime } from '../notebook/output.ts'
import type { OutputTables } from '../output/tables.ts'
import type { Document, NewDocument, Store } from '../store/port.ts'

const maxDocumentBytes = 4 * 1024 * 1024
/** What a document of the store takes, with room for what stands around an output. */
const maxItemBytes = 7_500_000
const maxItemDepth = 180

export interface OutputStore {
  insert(workspace: string, owner: string, cell: string | null, items: Output[], last: number): Promise<void>
  /** Those of the cell that came before the first of `by` go, and the tables that these alone showed. */
  retire(
    workspace: string,
    owner: string,
    cell: string | null,
    by: { firstSeq: number; startedAt: number; items(): Output[] },
  ): Promise<void>
  /** Puts others in the place of those of a cell, one for one. */
  change(
    workspace: string,
    owner: string,
    cell: string | null,
    change: (items: Output[]) => Output[],
  ): Promise<void>
  /** Collapsed, in order, after `seq`. */
  find(workspace: string, owner: string, after?: number): Promise<{ items: Output[]; lastSeq: number }>
}

export function openOutputs({
  store,
  outputTables,
}: {
  store: Store
  /** Whose tables go with the outputs that show them. */
  outputTables?: Pick<OutputTables, 'retire'>
}): OutputStore {
  return {
    async insert(workspace, owner, cell, items, last) {
      const documents = toChunks(items).map((chunk): NewDocument => ({
        id: newId('out'),
        owner,
        cell: cell ?? '',
        seq: chunk[0]?.seq ?? last,
        last: chunk.at(-1)?.seq ?? last,
        items: chunk as unknown as Json,
        createdAt: chunk[0]?.at ?? 0,
      }))
      await store.in(workspace).insert('outputs', documents)
    },
    async retire(workspace, owner, cell, by) {
      const living = new Set(by.items().flatMap(findTables))
      await store.in(workspace).delete('outputs', { owner, cell: cell ?? '', seq: { $lt: by.firstSeq } })
      outputTables?.retire(workspace, owner, cell, living, by.startedAt)
    },
    async change(workspace, owner, cell, change) {
      const documents = store.in(workspace)
      const filter = { owner, cell: cell ?? '' }
      const { items: found } = await documents.find('outputs', { filter, sort: 'seq', limit: 200 })
      for (const { id, items } of found) {
        const changed = change(items as unknown as Output[]) as unknown as Json
        if (JSON.stringify(changed) !== JSON.stringify(items))
          await documents.update('outputs', id, { set: { items: changed } })
      }
    },
    async find(workspace, owner, after = 0) {
      const documents: Document[] = []
      let cursor: string | null = null
      do {
        const page = await store.in(workspace).find('outputs', {
          filter: { owner },
          sort: 'seq',
          limit: 200,
          ...(cursor === null ? {} : { cursor }),
        })
        documents.push(...page.items)
        cursor = page.nextCursor
      } while (cursor !== null)
      const lastSeq = documents.reduce((last, document) => Math.max(last, document['last'] as number), 0)
      const items = documents
        .flatMap((document) => document['items'] as unknown as Output[])
        .filter((output) => output.seq > after)
        .toSorted((a, b) => a.seq - b.seq)
      return { items: collapse(items), lastSeq }
    },
  }
}

function findTables({ data }: Output): string[] {
  const table = data[tableMime]
  return isJsonObject(table) && typeof table['ref'] === 'string' ? [table['ref']] : []
}

/** One that the store cannot hold gives way to a note, or it would keep all the others from being stored. */
function toStorable(item: Output): { item: Output; size: number } {
  const text = JSON.stringify(item)
  const size = Buffer.byteLength(text)
  if (size <= maxItemBytes && isShallow(text, maxItemDepth)) return { item, size }
  const why = size > maxItemBytes ? `has ${size} bytes` : `is nested deeper than ${maxItemDepth} levels`
  return { item: { ...item, data: { 'text/plain': `[An output that ${why} and is not kept]` } }, size: 200 }
}

function toChunks(items: Output[]): Output[][] {
  const chunks: Output[][] = [[]]
  let bytes = 0
  for (const given of items) {
    const { item, size } = toStorable(given)
    if (bytes > 0 && bytes + size > maxDocumentBytes) {
      chunks.push([])
      bytes = 0
    }
    chunks.at(-1)!.push(item)
    bytes += size
  }
  return chunks
}
