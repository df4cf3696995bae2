import { encode } from '@msgpack/msgpack'
import { describe, expect, test } from 'vitest'
import type { StreamDefinition } from '../../../runtime/api/streams.ts'
import { toParts, type Part } from '../../../runtime/stream/format/parts.ts'

const receivedAt = Date.UTC(2026, 0, 1, 0, 5)
type Spec = Partial<Pick<StreamDefinition, 'format' | 'parse'>>
function read(spec: Spec, body: string | Uint8Array): Part[] {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  return toParts({ format: 'json', parse: {}, ...spec }, bytes, receivedAt)
}
const bodies = (parts: Part[]) => parts.map((part) => part.dead ?? part.body)

describe('toParts: MessagePack', () => {
  test('maps, whole numbers of 64 bits, bytes, times, several values', () => {
    const value = {
      cpu: 3.5,
      ok: true,
      none: null,
      at: new Date(0),
      raw: new Uint8Array([255, 0]),
      list: [1],
    }
    const body = Buffer.concat([
      encode(value),
      encode(7n, { useBigInt64: true }),
      encode(2n ** 60n, { useBigInt64: true }),
    ])
    expect(bodies(read({ format: 'msgpack' }, body))).toEqual([
      { cpu: 3.5, ok: true, none: null, at: '1970-01-01T00:00:00.000Z', raw: '/wA=', list: [1] },
      7,
      '1152921504606846976',
    ])
  })
  test('keys that are numbers become text; nan is null; an extension is base64', () => {
    const body = Buffer.from([0x82, 0x01, 0x02, 0xa1, 0x78, 0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0])
    expect(bodies(read({ format: 'msgpack' }, body))).toEqual([{ '1': 2, x: null }])
    expect(bodies(read({ format: 'msgpack' }, Buffer.from([0xd4, 0x05, 0x41])))).toEqual([
      { extension: 5, data: 'QQ==' },
    ])
  })
  test.each([
    [Buffer.from([0xc1]), 'Not MessagePack'],
    [Buffer.from([0xa5, 0x61]), 'Not MessagePack'],
    [Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff]), 'Not MessagePack'],
    [Buffer.alloc(5000, 0x91), 'Not MessagePack'],
    [Buffer.concat([Buffer.alloc(200, 0x91), Buffer.from([1])]), 'The MessagePack is nested deeper than 64.'],
  ])('%o is refused', (body, reason) => {
    expect(() => read({ format: 'msgpack' }, body)).toThrow(reason)
  })
})

describe('toParts: lines', () => {
  test('CSV by the names of the definition, one event a line', () => {
    const parse = { columns: ['host', 'cpu'], delimiter: ';' as const }
    expect(bodies(read({ format: 'csv', parse }, 'web-1;3\r\n"a;b";\nweb-2\n'))).toEqual([
      { host: 'web-1', cpu: 3 },
      { host: 'a;b', cpu: null },
      'The line has 1 fields, the definition 2.',
    ])
  })
  test('an access log, common and combined, with its own time', () => {
    const common = '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326'
    const combined = `${common} "-" "Mozilla/4.08 \\"x\\""`
    const [one, two, three] = read({ format: 'access-log' }, `${common}\n${combined}\nnonsense\n`)
    const body = {
      host: '127.0.0.1',
      ident: null,
      user: 'frank',
      time: '2000-10-10T20:55:36.000Z',
      method: 'GET',
      path: '/apache_pb.gif',
      protocol: 'HTTP/1.0',
      status: 200,
      bytes: 2326,
    }
    expect(one).toEqual({ raw: common, body, timestamp: Date.UTC(2000, 9, 10, 20, 55, 36) })
    expect(two!.body).toEqual({ ...body, referer: null, agent: 'Mozilla/4.08 \\"x\\"' })
    expect(three).toEqual({ raw: 'nonsense', body: null, dead: 'Not a line of an access log: "nonsense"' })
  })
  test('syslog of RFC 5424 with structured data', () => {
    const line =
      '<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [a@1 iut="3" q="x\\"]"][b] An event'
    expect(read({ format: 'syslog' }, line)).toEqual([
      {
        raw: line,
        timestamp: Date.UTC(2003, 9, 11, 22, 14, 15, 3),
        body: {
          facility: 'local4',
          severity: 'notice',
          time: '2003-10-11T22:14:15.003Z',
          host: 'mymachine.example.com',
          app: 'evntslog',
          process: null,
          id: 'ID47',
          data: { 'a@1': { iut: '3', q: 'x"]' }, b: {} },
          message: 'An event',
        },
      },
    ])
    expect(bodies(read({ format: 'syslog' }, '<13>1 - - - - - -'))).toEqual([
      {
        facility: 'user',
        severity: 'notice',
        time: null,
        host: null,
        app: null,
        process: null,
        id: null,
        data: {},
        message: '',
      },
    ])
  })
  test('syslog of RFC 3164 takes the year nearest to its arrival', () => {
    const line = "<34>Dec 31 23:59:58 mymachine su[12]: 'su root' failed"
    expect(read({ format: 'syslog' }, line)).toEqual([
      {
        raw: line,
        timestamp: Date.UTC(2025, 11, 31, 23, 59, 58),
        body: {
          facility: 'auth',
          severity: 'crit',
          time: '2025-12-31T23:59:58.000Z',
          host: 'mymachine',
          app: 'su',
          process: '12',
          message: "'su root' failed",
        },
      },
    ])
  })
  test.each([
    ['<999>1 - - - - - -', 'The priority of a syslog line is 0 to 191, not 999.'],
    ['<34>1 yesterday h a p m - x', 'The time of the syslog line is not one of RFC 3339: yesterday'],
    ['<34>1 - h a p m [a b="c x', 'The structured data of the syslog line is broken at 14.'],
    ['hello', 'Not syslog (RFC 5424 or 3164): "hello"'],
  ])('syslog %s is a dead letter', (line, reason) => {
    expect(read({ format: 'syslog' }, line)[0]!.dead).toContain(reason)
  })
  test('a pattern of one’s own, also one that would never end elsewhere', () => {
    const parse = { pattern: '(?<host>\\S+) took (?<ms>[\\d.]+)ms(?: (?<note>.*))?' }
    expect(bodies(read({ format: 'pattern', parse }, 'web-1 took 3.5ms\nweb-2 took 4ms slow\nno\n'))).toEqual(
      [
        { host: 'web-1', ms: 3.5, note: null },
        { host: 'web-2', ms: 4, note: 'slow' },
        'The line does not match the pattern: "no"',
      ],
    )
    const started = performance.now()
    const evil = { pattern: '(?<x>(a+)+)$' }
    expect(read({ format: 'pattern', parse: evil }, `${'a'.repeat(50_000)}b`)[0]!.dead).toContain(
      'does not match',
    )
    expect(performance.now() - started).toBeLessThan(2000)
  })
  test('bytes that are no text spoil their line alone', () => {
    const body = Buffer.concat([Buffer.from('{"a":1}\n{"b":"'), Buffer.from([0xff]), Buffer.from('"}\n3')])
    expect(read({ format: 'ndjson' }, body)).toEqual([
      { raw: '{"a":1}', body: { a: 1 } },
      { raw: expect.any(Buffer) as Buffer, body: null, dead: 'The text is not UTF-8 from byte 6 on.' },
      { raw: '3', body: 3 },
    ])
    expect(() => read({}, Buffer.from([0x22, 0xc3, 0x28, 0x22]))).toThrow(
      'The text is not UTF-8 from byte 1 on.',
    )
  })
})
