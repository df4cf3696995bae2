/** Who calls: a member of one workspace, through a token or a session. Nothing else names a workspace. */
import { AppError } from '../error.ts'

export type Role = 'owner' | 'editor' | 'viewer'
export type Right = 'read' | 'write' | 'run' | 'admin'
export interface Actor {
  workspace: string
  member: string
  name: string
  role: Role
  rights: Right[]
  /** Ids of projects the token is confined to; null: all. */
  projects: string[] | null
  /** Id of the token that was sent, or with which the session was opened. */
  token?: string
  /** Owner of tenant0. */
  platformOwner: boolean
}

const rightsOf: { [R in Role]: Right[] } = {
  owner: ['read', 'write', 'run', 'admin'],
  editor: ['read', 'write', 'run'],
  viewer: ['read'],
}
export function findRights(role: Role, scopes: Right[]): Right[] {
  return rightsOf[role].filter((right) => scopes.includes(right))
}
export function checkRight(actor: Actor, right: Right): void {
  if (!actor.rights.includes(right))
    throw new AppError(
      'forbidden',
      `This token may not ${right}. Use one with the scope "${right}" of a member who has it.`,
    )
  if (right === 'admin' && actor.projects)
    throw new AppError('forbidden', 'This token is confined to projects and administers nothing.')
}
/** A confined token sees the projects it names and, of everything else, nothing. */
export function checkProject(actor: Actor, project: string): void {
  if (actor.projects && !actor.projects.includes(project))
    throw new AppError('not-found', 'There is no such project.')
}
