/**
 * Links to the App view of one version of one notebook. Documents of tenant0, as tokens are: a link is opened before
 * anybody knows of which workspace it is. Its secret is kept as its SHA-256 alone and shown once. It is no token: what
 * resolves tokens does not know it, so it opens nothing but `resolve` here.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { AppError } from '../error.ts'
import { newId } from '../id.ts'
import { toMissing } from '../project/missing.ts'
import type { Document, Page, Store } from '../store/port.ts'

const platform = 'tenant0'
const perNotebook = 50
const usedEveryMs = 60_000
const dayMs = 86_400_000

export interface ShareRecord {
  id: string
  workspace: string
  notebook: string
  name: string
  version: number
  createdBy: string
  createdAt: number
  expiresAt: number
  lastUsedAt: number | null
}
export interface Shares {
  create(
    workspace: string,
    spec: { notebook: string; name: string; version: number; createdBy: string; days: number },
  ): Promise<{ share: ShareRecord; secret: string }>
  find(
    workspace: string,
    notebook: string,
    query: { limit?: number | undefined; cursor?: string | undefined },
  ): Promise<Page<ShareRecord>>
  get(workspace: string, id: string): Promise<ShareRecord>
  delete(workspace: string, id: string): Promise<void>
  /** not-found alike when there is none, when it was revoked or has expired, and when the secret is wrong. */
  resolve(id: string, secret: string): Promise<ShareRecord>
  /** Whether its sessions may go on. */
  isAlive(id: string): Promise<boolean>
}

export function openShares({ store, clock }: { store: Store; clock: Clock }): Shares {
  const own = store.in(platform)
  const maybe = async (id: string): Promise<Document | undefined> => {
    const document = await own.maybe('shares', id)
    return document && Number(document['expiresAt']) > clock.now() ? document : undefined
  }
  return {
    async create(workspace, { notebook, name, version, createdBy, days }) {
      const count = await own.count('shares', { workspace, notebook })
      if (count >= perNotebook)
        throw new AppError('limit', `This notebook has ${count} links, the limit. Revoke one first.`)
      const secret = randomBytes(24).toString('base64url')
      const now = clock.now()
      const [made] = await own.insert('shares', [
        {
          id: newId('shr', now),
          hash: toDigest(secret),
          workspace,
          notebook,
          name,
          version,
          createdBy,
          createdAt: now,
          expiresAt: now + days * dayMs,
          lastUsedAt: null,
        },
      ])
      return { share: toShare(made!), secret }
    },
    async find(workspace, notebook, { limit = 100, cursor }) {
      const filter = { workspace, notebook }
      const query = {
        filter,
        sort: '-createdAt',
        limit,
        ...(cursor === undefined ? {} : { cursor }),
      } as const
      const page = await own.find('shares', query)
      return { items: page.items.map(toShare), nextCursor: page.nextCursor }
    },
    async get(workspace, id) {
      const document = await own.maybe('shares', id)
      if (document?.['workspace'] !== workspace) throw toMissing('link', id)
      return toShare(document)
    },
    async delete(workspace, id) {
      if ((await own.delete('shares', { id, workspace })) === 0) throw toMissing('link', id)
    },
    async resolve(id, secret) {
      const document = await maybe(id)
      // As much work for a link that is not there.
      const right = isDigestOf(secret, String(document?.['hash'] ?? toDigest('')))
      if (!document || !right)
        throw new AppError(
          'not-found',
          'This link is not known here: it is incomplete, was revoked or has expired.',
        )
      const share = toShare(document)
      const now = clock.now()
      if (now - (share.lastUsedAt ?? 0) > usedEveryMs)
        await own.update('shares', id, { set: { lastUsedAt: now } })
      return share
    },
    isAlive: async (id) => (await maybe(id)) !== undefined,
  }
}

export function toDigest(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}
export function isDigestOf(secret: string, digest: string): boolean {
  return timingSafeEqual(Buffer.from(toDigest(secret)), Buffer.from(digest))
}
function toShare(document: Document): ShareRecord {
  return {
    id: document.id,
    workspace: String(document['workspace']),
    notebook: String(document['notebook']),
    name: String(document['name']),
    version: Number(document['version']),
    createdBy: String(document['createdBy']),
    createdAt: Number(document['createdAt']),
    expiresAt: Number(document['expiresAt']),
    lastUsedAt: document['lastUsedAt'] as number | null,
  }
}
