/** What a token that is confined to projects sees of actions and alerts: those of the notebooks in these projects. */
import { AppError } from '../error.ts'
import type { Store } from '../store/port.ts'

/** Ids of the notebooks in the projects; undefined: everything is seen. */
export async function findSeen(
  store: Pick<Store, 'in'>,
  workspace: string,
  projects: string[] | null | undefined,
): Promise<string[] | undefined> {
  if (!projects) return undefined
  const seen: string[] = []
  let cursor: string | null = null
  do {
    const page: { items: { id: string }[]; nextCursor: string | null } = await store
      .in(workspace)
      .find('notebooks', {
        filter: { project: { $in: projects } },
        limit: 1000,
        ...(cursor !== null && { cursor }),
      })
    for (const { id } of page.items) seen.push(id)
    cursor = page.nextCursor
  } while (cursor !== null)
  return seen
}

/** not-found as for a missing one. */
export async function checkSeen(
  store: Pick<Store, 'in'>,
  workspace: string,
  projects: string[] | null | undefined,
  notebook: unknown,
  what: 'action' | 'alert',
): Promise<void> {
  if (!projects) return
  const document =
    typeof notebook === 'string' ? await store.in(workspace).maybe('notebooks', notebook) : undefined
  if (!projects.some((project) => project === document?.project))
    throw new AppError('not-found', `There is no such ${what}.`)
}
