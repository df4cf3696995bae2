/** Texts as kernels wrote them (6.1, two cores), shortened. */
import { describe, expect, test } from 'vitest'
import { parseIo, parseProcess, parseSocketLink } from '../../cli/collect/proc-process.ts'
import { grown, toResources, type SystemReading } from '../../cli/collect/proc-resources.ts'
import { parseSockets, toAddress, toLinks } from '../../cli/collect/proc-socket.ts'
import {
  parseDisks,
  parseFields,
  parseNetworks,
  parsePressure,
  parseStat,
} from '../../cli/collect/proc-system.ts'
import { quantize, quantizeLinear } from '../../cli/collect/quantize.ts'

const stat = `cpu  1000 10 200 7000 90 0 30 0 0 0
cpu0 500 5 100 3500 45 0 15 0 0 0
cpu1 500 5 100 3500 45 0 15 0 0 0
intr 123 0 9
ctxt 99
procs_running 5
procs_blocked 1
`
const disks = `   7       0 loop0 10 0 20 1 0 0 0 0 0 1 1 0 0 0 0 0 0
 254       0 vda 100 0 2048 50 200 0 4096 70 0 500 120 0 0 0 0 0 0
 254       1 vda1 100 0 2048 50 200 0 4096 70 0 500 120 0 0 0 0 0 0
 259       0 nvme0n1 1 0 8 1 1 0 8 1 0 2 2 0 0 0 0 0 0
 259       1 nvme0n1p1 1 0 8 1 1 0 8 1 0 2 2 0 0 0 0 0 0
`
const networks = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 1000 10 0 0 0 0 0 0 1000 10 0 0 0 0 0 0
  eth0:5000 50 1 2 3 0 0 0 7000 60 4 5 6 0 0 0
`

describe('parseStat', () => {
  test('counts idle and waiting for disks as not busy', () => {
    expect(parseStat(stat)).toEqual({
      cpus: new Map([
        ['cpu', { busy: 1240, all: 8330 }],
        ['cpu0', { busy: 620, all: 4165 }],
        ['cpu1', { busy: 620, all: 4165 }],
      ]),
      running: 5,
      blocked: 1,
    })
  })
  test('of an empty text is empty', () => {
    expect(parseStat('')).toEqual({ cpus: new Map(), running: 0, blocked: 0 })
  })
})
test('parseFields reads meminfo in bytes and vmstat as it is', () => {
  const text =
    'MemTotal:        2000 kB\nActive(anon):      10 kB\nHugePages_Total:       3\npswpin 7\nbroken\n'
  expect([...parseFields(text)]).toEqual([
    ['MemTotal', 2_048_000],
    ['Active(anon)', 10_240],
    ['HugePages_Total', 3],
    ['pswpin', 7],
  ])
})
test('parseDisks leaves out partitions and loops', () => {
  expect(parseDisks(disks)).toEqual([
    { name: 'vda', readBytes: 1_048_576, writtenBytes: 2_097_152, busyMs: 500, waitedMs: 120 },
    { name: 'nvme0n1', readBytes: 4096, writtenBytes: 4096, busyMs: 2, waitedMs: 2 },
  ])
})
test('parseNetworks adds both ways', () => {
  expect(parseNetworks(networks)).toEqual([
    { name: 'lo', bytes: 2000, errors: 0, dropped: 0 },
    { name: 'eth0', bytes: 12_000, errors: 5, dropped: 16 },
  ])
})
test('parsePressure takes the last ten seconds, and null of a kernel without it', () => {
  const text =
    'some avg10=12.50 avg60=1.00 avg300=0.20 total=99\nfull avg10=3.00 avg60=0.00 avg300=0.00 total=1\n'
  expect([parsePressure(text), parsePressure('')]).toEqual([0.125, null])
})

describe('parseProcess', () => {
  const rest =
    'S 1 42 42 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 7 0 12345 1000000 800 18446744073709551615 0 0'
  test('takes a name with spaces and parentheses', () => {
    expect(parseProcess(`42 (a (b) c) ${rest}\n`)).toEqual({
      pid: 42,
      name: 'a (b) c',
      ticks: 300,
      threads: 7,
      startedAt: 12_345,
      residentPages: 800,
    })
  })
  test('is undefined of what ended meanwhile', () => {
    expect([parseProcess(''), parseProcess('42 (a) S 1')]).toEqual([undefined, undefined])
  })
  test('parseIo and parseSocketLink', () => {
    const io = 'rchar: 5\nwchar: 6\nread_bytes: 4096\nwrite_bytes: 8192\ncancelled_write_bytes: 0\n'
    expect([parseIo(io), parseIo('')]).toEqual([{ read: 4096, written: 8192 }, undefined])
    expect([parseSocketLink('socket:[77]'), parseSocketLink('/dev/null')]).toEqual(['77', undefined])
  })
})

describe('sockets', () => {
  test.each([
    ['0100007F', '127.0.0.1'],
    ['00000000000000000000000001000000', '::1'],
    ['0000000000000000FFFF00000100007F', '127.0.0.1'],
    ['B80D01200000000067452301EFCDAB89', '2001:db8::123:4567:89ab:cdef'],
  ])('toAddress of %s is %s', (hex, address) => {
    expect(toAddress(hex)).toBe(address)
  })
  // 8080 listens; two connections to it from here, one from elsewhere; one goes out; one has no owner.
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 10 1 0 100 0 0 10 0
   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 11 1 0 20 4 30 10 -1
   2: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 12 1 0 20 4 30 10 -1
   3: 0100007F:1F90 0100007F:C351 01 00000000:00000000 00:00000000 00000000     0        0 13 1 0 20 4 30 10 -1
   4: 0100007F:C351 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 14 1 0 20 4 30 10 -1
   5: 0200000A:1F90 0900000A:D903 01 00000000:00000000 00:00000000 00000000     0        0 15 1 0 20 4 30 10 -1
   6: 0200000A:C352 0500000A:1538 01 00000000:00000000 00:00000000 00000000     0        0 16 1 0 20 4 30 10 -1
   7: 0200000A:C353 0500000A:1538 06 00000000:00000000 03:00000F5A 00000000     0        0 0 3 0
   8: 0200000A:C354 0500000A:1538 01 00000000:00000000 00:00000000 00000000     0        0 99 1 0 20 4 30 10 -1
`
  const owners = new Map([
    ...['10', '11', '13', '15'].map((i) => [i, 'web 1'] as const),
    ['12', 'curl 2'] as const,
    ['14', 'curl 2'] as const,
    ['16', 'web 1'] as const,
  ])
  test('parseSockets reads addresses, state and inode', () => {
    expect(parseSockets(table)[5]).toEqual({
      local: '10.0.0.2',
      localPort: 8080,
      remote: '10.0.0.9',
      remotePort: 55_555,
      state: 1,
      inode: '15',
    })
  })
  test('toLinks goes from who opened it to who listens, and counts a local connection once', () => {
    expect(toLinks(parseSockets(table), owners)).toEqual([
      { from: 'curl 2', to: 'web 1', strength: 2 },
      { from: '10.0.0.9', to: 'web 1', strength: 1 },
      { from: 'web 1', to: '10.0.0.5:5432', strength: 1 },
    ])
  })
  test('toLinks counts two ends that neither listen once', () => {
    const end = (localPort: number, remotePort: number, inode: string) => ({
      local: '127.0.0.1',
      localPort,
      remote: '127.0.0.1',
      remotePort,
      state: 1,
      inode,
    })
    const both = [end(4000, 5000, '1'), end(5000, 4000, '2')]
    const names = new Map([
      ['1', 'a 1'],
      ['2', 'b 2'],
    ])
    expect(toLinks(both, names)).toEqual([{ from: 'b 2', to: 'a 1', strength: 1 }])
  })
})

describe('quantize', () => {
  test('in powers of two, with 0 and negative values of their own', () => {
    expect(quantize([-3, 0, 0.5, 1, 2, 3, 1024])).toEqual([
      { from: null, to: 0, count: 1 },
      { from: 0, to: 1, count: 2 },
      { from: 1, to: 2, count: 1 },
      { from: 2, to: 4, count: 2 },
      { from: 1024, to: 2048, count: 1 },
    ])
  })
  test('quantizeLinear in equal steps', () => {
    expect(quantizeLinear([0, 9.9, 10, 99], 10)).toEqual([
      { from: 0, to: 10, count: 2 },
      { from: 10, to: 20, count: 1 },
      { from: 90, to: 100, count: 1 },
    ])
  })
})

describe('toResources', () => {
  const reading = (at: number, change: Partial<SystemReading> = {}): SystemReading => ({
    at,
    stat: parseStat(stat),
    memory: new Map([
      ['MemTotal', 1000],
      ['MemAvailable', 250],
      ['SwapTotal', 100],
      ['SwapFree', 90],
    ]),
    virtual: new Map([
      ['pgscan_kswapd', 10],
      ['oom_kill', 1],
      ['pswpin', 5],
    ]),
    disks: parseDisks(disks).slice(0, 1),
    networks: parseNetworks(networks).slice(1),
    speeds: new Map([['eth0', 10_000]]),
    pressures: new Map([['io', 0.25]]),
    ...change,
  })
  test('tells utilisation, saturation and errors of each', () => {
    const later = reading(2000, {
      stat: parseStat(stat.replace('cpu  1000', 'cpu  1150').replace('7000', '7050')),
      virtual: new Map([
        ['pgscan_kswapd', 30],
        ['oom_kill', 3],
        ['pswpin', 9],
      ]),
      disks: [{ name: 'vda', readBytes: 1_050_576, writtenBytes: 2_097_152, busyMs: 1500, waitedMs: 4120 }],
      networks: [{ name: 'eth0', bytes: 16_000, errors: 9, dropped: 18 }],
    })
    const rows = toResources(reading(0), later).map((one) => [
      one.name,
      one.utilisation,
      one.saturation,
      one.errors,
      one.rate,
    ])
    expect(rows).toEqual([
      ['cpu', 0.75, 3, null, null],
      ['cpu0', null, null, null, null],
      ['cpu1', null, null, null, null],
      ['memory', 0.75, 10, 1, null],
      ['swap', 0.1, 2, null, null],
      ['vda', 0.5, 2, null, 1000],
      ['eth0', 0.2, 1, 2, 2000],
      ['io', null, 0.25, null, null],
    ])
  })
  test('a machine without swap has none; a counter that fell began anew', () => {
    const memory = new Map([['MemTotal', 1000]])
    const names = toResources(reading(0), reading(1000, { memory })).map(({ name }) => name)
    expect(names).not.toContain('swap')
    expect([grown(5, 3), grown(5, 9)]).toEqual([2, 5])
  })
})
