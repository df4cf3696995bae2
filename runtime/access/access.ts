/**
 * Members, tokens, sessions and workspaces. All of them are documents of tenant0; a token's or session's secret is
 * kept as its SHA-256 alone and is shown once. A login code is in memory, lives ten minutes and serves once. Who a token
 * is for is known for a second after it was read; what is revoked here ends at once, elsewhere within that second.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { z } from 'zod'
import type { Token, tokenSpec } from '../api/access.ts'
import type { Clock } from '../clock.ts'
import { AppError, isAppError } from '../error.ts'
import { newId } from '../id.ts'
import type { Document, Page, Store, Workspace } from '../store/port.ts'
import { findRights, type Actor, type Right, type Role } from './actor.ts'

const platform = 'tenant0'
const sessionMs = 30 * 86_400_000
const loginMs = 600_000
const usedEveryMs = 60_000
const knownMs = 1000
const maxKnown = 10_000
const everything: Right[] = ['read', 'write', 'run', 'admin']

export interface Access {
  /** Makes the first workspace, its owner and (with `firstToken`) the owner's token, where they are not there yet. */
  prepare(firstToken: string | undefined): Promise<{ workspace: string }>
  /** unauthorized when it is wrong, revoked or past. */
  resolveToken(value: string): Promise<Actor>
  resolveSession(value: string): Promise<Actor>
  /** A code for the first workspace's owner. */
  makeLoginCode(): string
  redeemLoginCode(code: string): Promise<{ session: string; expiresAt: number }>
  /** For what the server itself does in the first owner's name. */
  firstOwner(): Promise<Actor>
  openSession(actor: Actor): Promise<{ session: string; expiresAt: number }>
  closeSession(value: string): Promise<void>
  findTokens(workspace: string, query: { limit?: number; cursor?: string }): Promise<Page<Token>>
  createToken(actor: Actor, spec: z.output<typeof tokenSpec>): Promise<{ token: Token; value: string }>
  deleteToken(workspace: string, id: string): Promise<void>
  /** Owner of tenant0 only. */
  createWorkspace(actor: Actor, name: string): Promise<{ workspace: Workspace; token: string }>
  findWorkspaces(actor: Actor): Promise<Workspace[]>
}

export function openAccess(deps: { store: Store; clock: Clock }): Access {
  const { store, clock } = deps
  const own = store.in(platform)
  const codes = new Map<string, number>()
  /** By the hash of a token or session. */
  const known = new Map<string, { at: number; found: Document; member: Document | undefined }>()
  /** How often something was. */
  let revoked = 0
  const forget = (): void => {
    revoked += 1
    known.clear()
  }

  async function addMember(workspace: string, name: string, platformOwner: boolean): Promise<Document> {
    const id = newId('mem', clock.now())
    const [member] = await own.insert('members', [
      { id, workspace, name, role: 'owner', platformOwner, createdAt: clock.now() },
    ])
    return member!
  }
  async function addToken(
    member: Document,
    spec: z.output<typeof tokenSpec>,
    value = `sur_${randomBytes(24).toString('base64url')}`,
  ): Promise<{ token: Token; value: string }> {
    const now = clock.now()
    const [document] = await own.insert('tokens', [
      {
        id: newId('tok', now),
        hash: digest(value),
        name: spec.name,
        member: member.id,
        workspace: member['workspace']!,
        scopes: spec.scopes,
        projects: spec.projects,
        createdAt: now,
        lastUsedAt: null,
        expiresAt: spec.expiresAt,
      },
    ])
    return { token: toToken(document!), value }
  }
  /** The token or session that `read` gives, with its member. */
  async function withMember(
    hash: string,
    read: () => Promise<Document | undefined>,
  ): Promise<{ found: Document | undefined; member: Document | undefined }> {
    const before = known.get(hash)
    const at = clock.now()
    if (before && at >= before.at && at - before.at < knownMs) return before
    const generation = revoked
    const found = await read()
    const member = found && (await own.maybe('members', String(found['member'])))
    if (known.size >= maxKnown) known.clear()
    known.delete(hash)
    // What was read before something was revoked may be that.
    if (found && generation === revoked) known.set(hash, { at, found, member })
    return { found, member }
  }
  function toActor(member: Document | undefined, scopes: Right[], projects: string[] | null): Actor {
    if (!member) throw new AppError('unauthorized', 'The member of this token is gone.')
    const role = member['role'] as Role
    return {
      workspace: String(member['workspace']),
      member: member.id,
      name: String(member['name']),
      role,
      rights: findRights(role, scopes),
      projects,
      platformOwner: member['platformOwner'] === true,
    }
  }
  async function findFirstOwner(): Promise<Document | undefined> {
    const page = await own.find('members', { sort: 'createdAt', limit: 1 })
    return page.items[0]
  }
  function checkPlatformOwner(actor: Actor): void {
    if (!actor.platformOwner) throw new AppError('forbidden', 'Only an owner of tenant0 may do this.')
  }
  async function openSessionOf(
    member: string,
    scopes: Right[],
    projects: string[] | null,
    token: string | null = null,
  ): Promise<{ session: string; expiresAt: number }> {
    const session = randomBytes(32).toString('base64url')
    const expiresAt = clock.now() + sessionMs
    await own.insert('sessions', [
      { id: digest(session), member, scopes, projects, token, expiresAt, createdAt: clock.now() },
    ])
    return { session, expiresAt }
  }

  return {
    async prepare(firstToken) {
      let owner = await findFirstOwner()
      if (!owner) {
        const workspace = { id: 'main', name: 'Main', createdAt: clock.now() }
        await store.system.createWorkspace(workspace).catch(ignoreConflict)
        owner = await addMember(workspace.id, 'owner', true)
      }
      if (firstToken && !(await store.system.resolveToken(digest(firstToken))))
        await addToken(
          owner,
          {
            name: 'SURICATE_TOKEN',
            scopes: everything,
            projects: null,
            expiresAt: null,
          },
          firstToken,
        )
      return { workspace: String(owner['workspace']) }
    },
    async resolveToken(value) {
      const hash = digest(value.slice(0, 200))
      const read = () => store.system.resolveToken(hash)
      const { found, member } = await withMember(hash, read)
      const token = value.length <= 200 ? found : undefined
      const now = clock.now()
      if (!token)
        throw new AppError('unauthorized', 'This token is not known here: it is mistyped or was revoked.')
      if (typeof token['expiresAt'] === 'number' && token['expiresAt'] <= now)
        throw new AppError('unauthorized', 'This token has expired. Make a new one on the settings page.')
      if (now - Number(token['lastUsedAt'] ?? 0) > usedEveryMs)
        await own.update('tokens', token.id, { set: { lastUsedAt: now } }).finally(() => known.delete(hash))
      const actor = toActor(member, token['scopes'] as Right[], token['projects'] as string[] | null)
      return { ...actor, token: token.id }
    },
    async resolveSession(value) {
      const hash = digest(value.slice(0, 200))
      const { found, member } = await withMember(hash, () => own.maybe('sessions', hash))
      const session = value.length <= 200 ? found : undefined
      if (!session || Number(session['expiresAt']) <= clock.now())
        throw new AppError('unauthorized', 'The session has ended. Sign in again.')
      const actor = toActor(member, session['scopes'] as Right[], session['projects'] as string[] | null)
      const id = session['token']
      if (typeof id !== 'string') return actor
      // it lives no longer than the token that opened it
      const token = await own.maybe('tokens', id)
      if (!token || Number(token['expiresAt'] ?? Infinity) <= clock.now())
        throw new AppError(
          'unauthorized',
          'The token of this session was revoked or has expired. Sign in again.',
        )
      return { ...actor, token: id }
    },
    makeLoginCode() {
      const now = clock.now()
      for (const [code, until] of codes) if (until <= now) codes.delete(code)
      const code = randomBytes(18).toString('base64url')
      codes.set(digest(code), now + loginMs)
      return code
    },
    async redeemLoginCode(code) {
      const hash = digest(code.slice(0, 200))
      const until = codes.get(hash)
      codes.delete(hash)
      const owner = await findFirstOwner()
      if (until === undefined || until <= clock.now() || !owner)
        throw new AppError(
          'unauthorized',
          'This login code was used or is older than 10 minutes. Start again, or use a token.',
        )
      return openSessionOf(owner.id, everything, null)
    },
    async firstOwner() {
      const owner = await findFirstOwner()
      if (!owner) throw new AppError('not-found', 'There is no owner yet.')
      return toActor(owner, everything, null)
    },
    openSession: (actor) => openSessionOf(actor.member, actor.rights, actor.projects, actor.token),
    async closeSession(value) {
      await own.delete('sessions', { id: digest(value.slice(0, 200)) }).finally(forget)
    },
    async findTokens(workspace, query) {
      const page = await own.find('tokens', { filter: { workspace }, sort: '-createdAt', ...query })
      return { items: page.items.map(toToken), nextCursor: page.nextCursor }
    },
    async createToken(actor, spec) {
      const beyond = spec.scopes.filter((scope) => !actor.rights.includes(scope))
      if (beyond.length > 0)
        throw new AppError(
          'forbidden',
          `A token cannot have more rights than you have here: ${beyond.join(', ')}.`,
        )
      const { projects } = actor
      if (projects && !spec.projects?.every((project) => projects.includes(project)))
        throw new AppError('forbidden', 'A token cannot see more projects than yours does.')
      return addToken(await own.get('members', actor.member), spec)
    },
    async deleteToken(workspace, id) {
      const gone = await own.delete('tokens', { id, workspace }).finally(forget)
      if (gone === 0) throw new AppError('not-found', 'There is no such token.')
    },
    async createWorkspace(actor, name) {
      checkPlatformOwner(actor)
      const workspace = { id: newId('ws', clock.now()), name, createdAt: clock.now() }
      await store.system.createWorkspace(workspace)
      const owner = await addMember(workspace.id, 'owner', false)
      const made = await addToken(owner, {
        name: 'First token',
        scopes: everything,
        projects: null,
        expiresAt: null,
      })
      return { workspace, token: made.value }
    },
    async findWorkspaces(actor) {
      checkPlatformOwner(actor)
      return store.system.findWorkspaces()
    },
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
function ignoreConflict(error: unknown): void {
  if (!isAppError(error, 'conflict')) throw error
}
function toToken(document: Document): Token {
  return {
    id: document.id,
    name: String(document['name']),
    member: String(document['member']),
    scopes: document['scopes'] as Token['scopes'],
    projects: document['projects'] as string[] | null,
    createdAt: Number(document['createdAt']),
    lastUsedAt: document['lastUsedAt'] as number | null,
    expiresAt: document['expiresAt'] as number | null,
  }
}
