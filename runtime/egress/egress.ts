/**
 * The guarded client. It owns each workspace's count of requests a minute; the workspace's allow-list is the document
 * `egress` of the collection `settings`. A pair on a list opens exactly that host and port, never a range; Suricate's
 * own ports stay shut even when listed, because a notebook must not speak to the API with the machine's trust.
 */
import { lookup } from 'node:dns/promises'
import type { Clock } from '../clock.ts'
import { AppError, isAppError, toMessage } from '../error.ts'
import type { Store } from '../store/port.ts'
import { isLocal, judge } from './address.ts'
import { sendHop } from './hop.ts'
import type { Download, Egress, EgressRequest, EgressResponse } from './port.ts'
import { openQuota } from './quota.ts'
import { toHeaders, toMethod, toNextHop } from './request.ts'
import { parsePair, parseUrl, type Target, toPair, toTarget } from './target.ts'

export type Resolve = (host: string) => Promise<{ address: string; family: number }[]>
export interface EgressDeps {
  store: Pick<Store, 'in'>
  config: { SURICATE_EGRESS_ALLOW: string[] }
  clock: Clock
  /** Ports that Suricate itself listens on, on this machine. */
  ownPorts?: () => number[]
  resolve?: Resolve
  limits?: {
    timeoutMs?: number
    maxBytes?: number
    redirects?: number
    perMinute?: number
    downloadMs?: number
  }
}
type Checked = { address: string; family: 4 | 6 }

const publicPorts = new Set([80, 443])
const redirects = new Set([301, 302, 303, 307, 308])

export function openEgress(deps: EgressDeps): Egress {
  const limits = {
    timeoutMs: 10_000,
    maxBytes: 5_000_000,
    redirects: 3,
    perMinute: 60,
    downloadMs: 900_000,
    ...deps.limits,
  }
  const operator = new Set(deps.config.SURICATE_EGRESS_ALLOW.map(parsePair))
  const quota = openQuota(limits.perMinute, deps.clock)
  const resolveName = deps.resolve ?? ((host) => lookup(host, { all: true, verbatim: true }))
  const closing = new AbortController()

  async function allowed(workspace: string): Promise<string[]> {
    const document = await deps.store.in(workspace).maybe('settings', 'egress')
    return Array.isArray(document?.allow)
      ? document.allow.filter((pair): pair is string => typeof pair === 'string')
      : []
  }
  function refuse(target: Target, why: string): AppError {
    const pair = toPair(target)
    return new AppError(
      'refused',
      `Egress to ${pair} is refused: ${why}. To allow it, add "${pair}" with PUT /settings/egress or in SURICATE_EGRESS_ALLOW.`,
      { pair },
    )
  }

  async function check(workspace: string, target: Target): Promise<Checked> {
    const pair = toPair(target)
    const listed = operator.has(pair) || (await allowed(workspace)).includes(pair)
    let found: { address: string; family: number }[]
    if (target.family !== 0) found = [{ address: target.host, family: target.family }]
    else {
      try {
        found = await resolveName(target.host)
      } catch (error) {
        throw new AppError('unavailable', `The name ${target.host} cannot be resolved.`, {}, { cause: error })
      }
    }
    // every answer must pass: of a mixed one the connection would choose
    for (const { address } of found) {
      const verdict = judge(address)
      if (isLocal(address) && (deps.ownPorts?.() ?? []).includes(target.port))
        throw new AppError('refused', `Egress to ${pair} is refused: it is a port of Suricate itself.`, {
          pair,
        })
      if (!verdict.public && (!listed || (verdict.never && target.family === 0)))
        throw refuse(target, target.family ? `it is ${verdict.kind}` : `its name leads to ${verdict.kind}`)
    }
    if (!listed && !publicPorts.has(target.port))
      throw refuse(target, `port ${target.port} is neither 80 nor 443`)
    const first = found.find(({ family }) => family === 4) ?? found[0]
    if (!first) throw new AppError('unavailable', `The name ${target.host} has no address.`)
    return { address: first.address, family: first.family === 6 ? 6 : 4 }
  }

  async function follow(
    workspace: string,
    text: string,
    request: EgressRequest & { take?: Download['take'] },
    signal: AbortSignal,
    maxBytes: number,
  ): Promise<EgressResponse> {
    let { url, target } = parseUrl(text)
    let hop = { method: toMethod(request.method), headers: toHeaders(request.headers), body: request.body }
    for (let count = 0; ; count++) {
      const checked = await withSignal(check(workspace, target), signal)
      const response = await sendHop({
        url,
        ...checked,
        ...hop,
        maxBytes,
        readBody: request.readBody ?? true,
        ...(request.take ? { take: request.take } : {}),
        signal,
      })
      const location = response.headers.location
      if (!redirects.has(response.status) || location === undefined) return response
      if (count === limits.redirects)
        throw new AppError(
          'limit',
          `${url.host} redirects more than ${limits.redirects} times, which is the limit.`,
        )
      const next = parseUrl(URL.parse(location, url)?.href ?? location)
      hop = toNextHop(hop, response.status, next.url.origin === url.origin)
      url = next.url
      target = next.target
    }
  }

  async function send(
    workspace: string,
    url: string,
    request: Parameters<typeof follow>[2],
    timeoutMs: number,
    maxBytes: number,
  ): Promise<EgressResponse> {
    quota.take(workspace)
    const timer = AbortSignal.timeout(timeoutMs)
    const signal = AbortSignal.any([timer, closing.signal, ...(request.signal ? [request.signal] : [])])
    try {
      return await follow(workspace, url, request, signal, maxBytes)
    } catch (error) {
      if (isAppError(error)) throw error
      if (request.signal?.aborted || closing.signal.aborted)
        throw new AppError('cancelled', 'The request was cancelled.', {}, { cause: error })
      const host = URL.parse(url)?.host ?? 'the address'
      if (timer.aborted)
        throw new AppError(
          'timeout',
          `${host} did not answer within ${timeoutMs / 1000} s.`,
          {},
          { cause: error },
        )
      if (isAppError((error as Error).cause)) throw (error as Error).cause
      throw new AppError(
        'unavailable',
        `${host} cannot be reached: ${toMessage(error)}.`,
        {},
        { cause: error },
      )
    }
  }

  return {
    fetch: (workspace, url, request = {}) =>
      send(
        workspace,
        url,
        request,
        Math.min(request.timeoutMs ?? limits.timeoutMs, limits.timeoutMs),
        Math.min(request.maxBytes ?? limits.maxBytes, limits.maxBytes),
      ),
    async download(workspace, url, { maxBytes, signal, take }) {
      const request = { readBody: false, take, ...(signal ? { signal } : {}) }
      const { status } = await send(workspace, url, request, limits.downloadMs, maxBytes)
      if (status >= 200 && status < 300) return
      const host = URL.parse(url)?.host ?? 'The address'
      throw new AppError('unavailable', `${host} answered with ${status} and not with the data.`, { status })
    },
    resolve: (workspace, host, port) => check(workspace, toTarget(host, port)),
    allowed,
    async allow(workspace, pairs) {
      if (pairs.length > 100)
        throw new AppError('too-large', 'An allow-list has at most 100 host:port pairs.')
      const allow = [...new Set(pairs.map(parsePair))]
      const documents = deps.store.in(workspace)
      try {
        await documents.insert('settings', [{ id: 'egress', allow }])
      } catch (error) {
        if (!isAppError(error, 'conflict')) throw error
        await documents.update('settings', 'egress', { set: { allow } })
      }
      return allow
    },
    close() {
      closing.abort()
      return Promise.resolve()
    },
  }
}

/** A resolver cannot be interrupted: the wait for it can. */
function withSignal<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const stop = (): void => reject(signal.reason as Error)
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', stop))
}
