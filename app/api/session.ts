/**
 * Signing in from a browser: a login code or a token becomes a session cookie. A request that carries the cookie must
 * also carry `x-suricate` unless it only reads, and its Host must be this server's: another site's page can then
 * neither act in somebody's name nor read through a name that it points here.
 */
import type { Access } from '../../runtime/access/access.ts'
import type { Actor } from '../../runtime/access/actor.ts'
import { AppError } from '../../runtime/error.ts'
import { readJson } from './body.ts'
import { toResponse } from './problem.ts'

const cookieName = 'suricate_session'

export interface SessionOptions {
  access: Access
  /** Hosts (name without port) by which this server is called. */
  isOwnHost(host: string): boolean
  secure: boolean
}

export function createAuthenticate(options: SessionOptions): (request: Request) => Promise<Actor> {
  return async (request) => {
    const header = request.headers.get('authorization')
    if (header) {
      const match = /^Bearer\s+(\S+)$/i.exec(header.trim())
      if (!match) throw new AppError('unauthorized', 'The Authorization header must be: Bearer TOKEN.')
      return options.access.resolveToken(match[1]!)
    }
    const session = findCookie(request)
    if (!session)
      throw new AppError(
        'unauthorized',
        'Send a token: Authorization: Bearer TOKEN. Tokens are made on the settings page.',
      )
    if (request.method !== 'GET' && request.headers.get('x-suricate') !== '1')
      throw new AppError(
        'forbidden',
        'A request by cookie that changes something needs the header x-suricate: 1.',
      )
    return options.access.resolveSession(session)
  }
}

/** Answers /login and /api/session; undefined for any other path. */
export async function answerSession(
  request: Request,
  options: SessionOptions,
): Promise<Response | undefined> {
  const url = new URL(request.url)
  try {
    if (url.pathname === '/login' && request.method === 'GET') {
      const opened = await options.access.redeemLoginCode(url.searchParams.get('code') ?? '')
      return new Response(null, {
        status: 303,
        headers: { location: '/', 'set-cookie': toCookie(opened, options) },
      })
    }
    if (url.pathname !== '/api/session') return undefined
    if (request.headers.get('x-suricate') !== '1')
      throw new AppError('forbidden', 'This call needs the header x-suricate: 1.')
    if (request.method === 'POST') {
      const { value } = await readJson(request)
      const token = (value as { token?: unknown } | null)?.token
      if (typeof token !== 'string' || token === '')
        throw new AppError('invalid', 'body.token: the token is missing.')
      const opened = await options.access.openSession(await options.access.resolveToken(token.trim()))
      return new Response(null, { status: 204, headers: { 'set-cookie': toCookie(opened, options) } })
    }
    if (request.method === 'DELETE') {
      const session = findCookie(request)
      if (session) await options.access.closeSession(session)
      return new Response(null, {
        status: 204,
        headers: { 'set-cookie': `${cookieName}=; Path=/; Max-Age=0` },
      })
    }
    return undefined
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    if (url.pathname === '/login')
      return new Response(null, { status: 303, headers: { location: '/sign-in?expired=1' } })
    return toResponse(error, url.pathname)
  }
}

/** forbidden for a Host that is not ours. */
export function checkHost(request: Request, options: SessionOptions): void {
  const host = new URL(request.url).hostname
  if (!options.isOwnHost(host))
    throw new AppError('forbidden', `This server does not answer to the name ${host.slice(0, 100)}.`)
}

function findCookie(request: Request): string | undefined {
  for (const part of (request.headers.get('cookie') ?? '').split(';')) {
    const [key, value] = part.trim().split('=')
    if (key === cookieName && value) return value
  }
  return undefined
}

function toCookie(opened: { session: string; expiresAt: number }, options: SessionOptions): string {
  const expires = new Date(opened.expiresAt).toUTCString()
  return `${cookieName}=${opened.session}; Path=/; Expires=${expires}; HttpOnly; SameSite=Lax${options.secure ? '; Secure' : ''}`
}
