/** What people name, by id or by name, over all pages of a list. */
import type { Project, Notebook } from '../runtime/api/notebooks.ts'
import type { Client } from '../runtime/api/client.ts'
import { Fault } from './fault.ts'

const maxPages = 1000
type Listed = { id: string; name: string }

export async function findAll<T>(
  read: (cursor: string | undefined) => Promise<{ items: T[]; nextCursor: string | null }>,
): Promise<T[]> {
  const all: T[] = []
  let cursor: string | undefined
  for (let page = 0; page < maxPages; page++) {
    const { items, nextCursor } = await read(cursor)
    all.push(...items)
    if (nextCursor === null) return all
    cursor = nextCursor
  }
  return all
}
function choose<T extends Listed>(noun: string, items: readonly T[], wanted: string): T {
  const byId = items.find(({ id }) => id === wanted)
  const named = items.filter(({ name }) => name === wanted)
  if (byId ?? named.length === 1) return byId ?? named[0]!
  if (named.length > 1)
    throw new Fault(
      `${named.length} ${noun}s are named "${wanted}". Give an id: ${named.map(({ id }) => id).join(', ')}`,
    )
  const names = items.slice(0, 10).map(({ name }) => `"${name}"`)
  throw new Fault(
    `There is no ${noun} "${wanted}". ${names.length > 0 ? `There are: ${names.join(', ')}.` : `There is none yet.`}`,
  )
}
const query = (cursor: string | undefined) => ({ limit: 200, ...(cursor ? { cursor } : {}) })

export async function findNotebooks(client: Client, project?: string) {
  return findAll((cursor) =>
    client.call('findNotebooks', { query: { ...query(cursor), ...(project ? { project } : {}) } }),
  )
}
export async function getNotebook(client: Client, wanted: string): Promise<Notebook> {
  const { id } = choose('notebook', await findNotebooks(client), wanted)
  return client.call('getNotebook', { params: { id } })
}
export async function getProject(client: Client, wanted: string | undefined): Promise<Project> {
  const all = await findAll((cursor) => client.call('findProjects', { query: query(cursor) }))
  if (wanted === undefined) {
    if (all.length === 1) return all[0]!
    throw new Fault(
      `Say which project: --project NAME. There are: ${all.map(({ name }) => `"${name}"`).join(', ') || 'none'}.`,
    )
  }
  return choose('project', all, wanted)
}
export async function getStreamId(client: Client, wanted: string): Promise<string> {
  const all = await findAll((cursor) => client.call('findStreams', { query: query(cursor) }))
  return choose('stream', all, wanted).id
}
export function findObjects(client: Client) {
  return findAll((cursor) => client.call('findObjects', { query: query(cursor) }))
}
