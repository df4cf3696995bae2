/**
 * The path by which a trigger is called without a bearer token: it names workspace and trigger, and holds 32 random
 * bytes of which only the hash is kept. It can do nothing but fire that trigger.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

const hash = (secret: string): Buffer => createHash('sha256').update(secret).digest()

export function newTriggerToken(workspace: string, trigger: string): { token: string; tokenHash: string } {
  const secret = randomBytes(32).toString('base64url')
  return { token: `${workspace}~${trigger}~${secret}`, tokenHash: hash(secret).toString('hex') }
}
export function parseTriggerToken(
  token: string,
): { workspace: string; trigger: string; secret: string } | undefined {
  const [workspace, trigger, secret, ...rest] = token.split('~')
  return workspace && trigger && secret && rest.length === 0 ? { workspace, trigger, secret } : undefined
}
export function isTriggerToken(secret: string, tokenHash: unknown): boolean {
  const expected = Buffer.from(typeof tokenHash === 'string' ? tokenHash : '', 'hex')
  const given = hash(secret)
  return expected.length === given.length && timingSafeEqual(expected, given)
}
