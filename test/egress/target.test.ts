import { describe, expect, test } from 'vitest'
import { toHeaders, toMethod, toNextHop } from '../../runtime/egress/request.ts'
import { parsePair, parseUrl, toTarget } from '../../runtime/egress/target.ts'

describe('toTarget', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1', 4],
    ['127.1', '127.0.0.1', 4],
    ['2130706433', '127.0.0.1', 4],
    ['0x7f000001', '127.0.0.1', 4],
    ['0x7f.1', '127.0.0.1', 4],
    ['0177.0.0.1', '127.0.0.1', 4],
    ['017700000001', '127.0.0.1', 4],
    ['127.0.0.1.', '127.0.0.1', 4],
    ['①②⑦.0.0.1', '127.0.0.1', 4],
    ['0xa9fea9fe', '169.254.169.254', 4],
    ['[::1]', '::1', 6],
    ['::1', '::1', 6],
    ['[::ffff:127.0.0.1]', '::ffff:7f00:1', 6],
    ['LocalHost.', 'localhost', 0],
    ['example.org..', 'example.org', 0],
  ])('toTarget(%s) is %s', (host, expected, family) => {
    expect(toTarget(host, 80)).toEqual({ host: expected, port: 80, family })
  })
  test.each(['', 'a b', 'a/b', 'user@host', '[fe80::1%25eth0]', '1.2.3.999', 'x'.repeat(300)])(
    'toTarget(%s) is invalid',
    (host) => {
      expect(() => toTarget(host, 80)).toThrow(expect.objectContaining({ code: 'invalid' }))
    },
  )
  test('a port outside 1 to 65535 is invalid', () => {
    expect(() => toTarget('example.org', 0)).toThrow(/port/)
    expect(() => toTarget('example.org', 70_000)).toThrow(/port/)
  })
})

test('parsePair brings every notation to one and refuses what is no exact pair', () => {
  expect(['LOCALHOST:8080', '2130706433:80', '[::1]:5672', '127.0.0.1.:1'].map(parsePair)).toEqual([
    'localhost:8080',
    '127.0.0.1:80',
    '[::1]:5672',
    '127.0.0.1:1',
  ])
  for (const bad of ['localhost', '*:80', 'a:b', 'http://a:80', '10.0.0.0/8:80', 'a:99999'])
    expect(() => parsePair(bad)).toThrow(expect.objectContaining({ code: 'invalid' }))
})

test('parseUrl refuses other schemes and credentials, and knows the default ports', () => {
  expect(parseUrl('https://example.org/x').target).toEqual({ host: 'example.org', port: 443, family: 0 })
  expect(parseUrl('http://[::1]:8080/').target).toEqual({ host: '::1', port: 8080, family: 6 })
  for (const bad of [
    'file:///etc/passwd',
    'ftp://a/',
    'gopher://a/',
    'http://user:secret@a/',
    'http://u@a/',
    'nonsense',
  ]) {
    expect(() => parseUrl(bad)).toThrow(expect.objectContaining({ code: 'invalid' }))
    expect(() => parseUrl(bad)).not.toThrow(/secret/)
  }
})

describe('request', () => {
  test('toHeaders lowers names and refuses line breaks, bad names and headers of the connection', () => {
    expect({ ...toHeaders({ 'X-One': 'a', Authorization: 'Bearer t' }) }).toEqual({
      'x-one': 'a',
      authorization: 'Bearer t',
    })
    for (const bad of [
      { 'x-a': 'b\r\nhost: evil' },
      { 'x-a': 'b\nc' },
      { 'x-a': '\0' },
      { 'x a': 'b' },
      { 'x:a': 'b' },
      { 'x\r\ny': 'b' },
      { Host: 'evil' },
      { 'Transfer-Encoding': 'chunked' },
      { 'content-length': '1' },
      { connection: 'x' },
      { 'proxy-authorization': 'x' },
      { 'x-a': '\u2028' },
    ])
      expect(() => toHeaders(bad as unknown as { [name: string]: string })).toThrow(
        expect.objectContaining({ code: 'invalid' }),
      )
  })
  test('toMethod takes a closed list', () => {
    expect([toMethod(undefined), toMethod('post')]).toEqual(['GET', 'POST'])
    for (const bad of ['CONNECT', 'TRACE', 'GET / HTTP/1.1\r\n', ''])
      expect(() => toMethod(bad)).toThrow(/method/)
  })
  test('toNextHop drops secrets on another origin and the body where the status says so', () => {
    const hop = {
      method: 'POST',
      headers: { authorization: 't', cookie: 'c', 'content-type': 'a', 'x-a': '1' },
      body: 'b',
    }
    expect(toNextHop(hop, 307, true)).toEqual(hop)
    expect(toNextHop(hop, 308, false)).toEqual({
      method: 'POST',
      headers: { 'content-type': 'a', 'x-a': '1' },
      body: 'b',
    })
    expect(toNextHop(hop, 303, false)).toEqual({ method: 'GET', headers: { 'x-a': '1' }, body: undefined })
  })
})
