import { describe, expect, test } from 'vitest'
import { type ActionContext, checkRequest, toActionId, toEntry } from '../../runtime/action/entry.ts'
import type { ActionRequest } from '../../runtime/sdk/context.ts'

const context: ActionContext = {
  notebook: { id: 'nb_1', version: 3 },
  deployment: 'dep_1',
  stream: { id: 'str_1', name: 's', from: 4, to: 9 },
  window: { key: 'web-1', start: 0, end: 60_000, pane: 0 },
  at: 60_000,
  identity: '0/=web-1/0-60000/0/0',
}
const webhook: ActionRequest = {
  kind: 'webhook',
  request: { url: 'https://example.org/hook?x=1', body: { a: 1 }, headers: {} },
}

describe('toEntry', () => {
  test('the same step gives the same entry, byte for byte', () => {
    expect(JSON.stringify(toEntry(context, webhook))).toBe(JSON.stringify(toEntry({ ...context }, webhook)))
    expect(toEntry(context, webhook)).toEqual({
      id: expect.stringMatching(/^nb_1\.dep_1\.webhook\.[0-9a-f]{26}$/),
      kind: 'webhook',
      at: 60_000,
      body: {
        request: webhook.request,
        key: 'webhook https://example.org/hook dep_1 web-1 0-60000',
        target: 'https://example.org/hook',
        cooldownMs: null,
        unique: false,
        notebook: 'nb_1',
        notebookVersion: 3,
        run: null,
        deployment: 'dep_1',
        model: null,
        modelVersion: null,
        stream: context.stream,
        window: context.window,
      },
    })
  })
  test('another pane has another idempotency key and the same deduplication key', () => {
    const late = toEntry(
      { ...context, window: { ...context.window!, pane: 1 }, identity: '0/=web-1/0-60000/1/0' },
      webhook,
    )
    const first = toEntry(context, webhook)
    expect([late.id === first.id, late.body.key === first.body.key]).toEqual([false, true])
  })
  test('neither the model version nor the window is in the default key of one with a cooldown', () => {
    const entry = toEntry(context, { ...webhook, cooldownMs: 1000, model: { name: 'm', version: 7 } })
    expect([entry.body.key, entry.body.model, entry.body.modelVersion]).toEqual([
      'webhook https://example.org/hook dep_1 web-1',
      'm',
      7,
    ])
  })
  test('a run without window, key or cooldown means every action', () => {
    const { window: _, deployment: __, ...rest } = context
    const one = toEntry({ ...rest, run: 'run_1', identity: '1' }, webhook)
    const two = toEntry({ ...rest, run: 'run_1', identity: '2' }, webhook)
    expect([one.body.key === two.body.key, one.body.unique]).toEqual([false, true])
  })
  test('toActionId is one id for one key', () => {
    expect(toActionId('x')).toBe(toActionId('x'))
    expect(toActionId('x')).not.toBe(toActionId('y'))
  })
})

describe('checkRequest', () => {
  test.each<[string, ActionRequest]>([
    ['URL', { kind: 'webhook', request: { url: 'nonsense', body: null } }],
    ['http', { kind: 'webhook', request: { url: 'ftp://a/b', body: null } }],
    ['header', { kind: 'webhook', request: { url: 'https://a/', body: 1, headers: { 'x-a': 'b\r\nc: d' } } }],
    ['title', { kind: 'alert', request: { title: '' } }],
    ['severity', { kind: 'alert', request: { title: 'a', severity: 'awful' } }],
    ['1 MB', { kind: 'webhook', request: { url: 'https://a/', body: 'x'.repeat(1_000_001) } }],
    ['key', { kind: 'alert', request: { title: 'a' }, key: '' }],
    ['cooldown', { kind: 'alert', request: { title: 'a' }, cooldownMs: -1 }],
  ])('a wrong %s is named', (word, request) => {
    expect(() => checkRequest(request)).toThrow(word)
  })
})
