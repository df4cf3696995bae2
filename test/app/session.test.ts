import { expect, test } from 'vitest'
import { answerSession, checkHost, createAuthenticate, type SessionOptions } from '../../app/api/session.ts'
import type { Access } from '../../runtime/access/access.ts'
import type { Actor } from '../../runtime/access/actor.ts'
import { AppError } from '../../runtime/error.ts'

const actor: Actor = {
  workspace: 'main',
  member: 'mem_1',
  name: 'owner',
  role: 'owner',
  rights: ['read'],
  projects: null,
  platformOwner: true,
}
const refuse = () => Promise.reject(new AppError('unauthorized', 'no'))
const access = {
  resolveToken: (value: string) => (value === 'good' ? Promise.resolve(actor) : refuse()),
  resolveSession: (value: string) => (value === 's1' ? Promise.resolve(actor) : refuse()),
  redeemLoginCode: (code: string) =>
    code === 'c1' ? Promise.resolve({ session: 's1', expiresAt: 0 }) : refuse(),
  openSession: () => Promise.resolve({ session: 's1', expiresAt: 0 }),
  closeSession: () => Promise.resolve(),
} as unknown as Access
const options: SessionOptions = { access, isOwnHost: (host) => host === 'localhost', secure: false }
const authenticate = createAuthenticate(options)
const request = (path: string, init: RequestInit = {}): Request =>
  new Request(`http://localhost${path}`, init)

test('authenticate takes a bearer token', async () => {
  expect(await authenticate(request('/', { headers: { authorization: 'Bearer good' } }))).toEqual(actor)
})
test.each([
  ['a wrong token', { authorization: 'Bearer bad' }],
  ['another scheme', { authorization: 'Basic Zm9v' }],
  ['nothing', {}],
])('authenticate refuses %s', async (_, headers) => {
  await expect(authenticate(request('/', { headers }))).rejects.toMatchObject({ code: 'unauthorized' })
})
test('authenticate takes a cookie for reading, and for writing only with x-suricate', async () => {
  const cookie = { cookie: 'a=b; suricate_session=s1' }
  expect(await authenticate(request('/', { headers: cookie }))).toEqual(actor)
  await expect(authenticate(request('/', { method: 'POST', headers: cookie }))).rejects.toMatchObject({
    code: 'forbidden',
  })
  expect(
    await authenticate(request('/', { method: 'POST', headers: { ...cookie, 'x-suricate': '1' } })),
  ).toEqual(actor)
})
test('/login exchanges its code for a cookie', async () => {
  const response = (await answerSession(request('/login?code=c1'), options))!
  expect([response.status, response.headers.get('location')]).toEqual([303, '/'])
  expect(response.headers.get('set-cookie')).toMatch(
    /^suricate_session=s1; Path=\/; Expires=.*; HttpOnly; SameSite=Lax$/,
  )
})
test('/login leads to the sign-in page when the code is used up', async () => {
  const response = (await answerSession(request('/login?code=old'), options))!
  expect([response.status, response.headers.get('location')]).toEqual([303, '/sign-in?expired=1'])
})
test('/api/session takes a token and refuses a wrong one', async () => {
  const sign = (token: string) =>
    answerSession(
      request('/api/session', {
        method: 'POST',
        body: JSON.stringify({ token }),
        headers: { 'x-suricate': '1' },
      }),
      options,
    )
  expect((await sign('good'))!.status).toBe(204)
  expect((await sign('bad'))!.status).toBe(401)
})
test('checkHost refuses a name that was pointed here', () => {
  expect(() => checkHost(new Request('http://evil.example/'), options)).toThrow(
    'does not answer to the name evil.example',
  )
})
