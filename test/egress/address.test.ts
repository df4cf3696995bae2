import { describe, expect, test } from 'vitest'
import { isLocal, judge, toCanonical } from '../../runtime/egress/address.ts'

describe('judge', () => {
  test.each([
    ['8.8.8.8', 'public'],
    ['1.1.1.1', 'public'],
    ['93.184.216.34', 'public'],
    ['2606:2800:220:1::1', 'public'],
    ['2a00:1450:4001::200e', 'public'],
    ['0.0.0.0', 'an unspecified address'],
    ['10.0.0.1', 'a private address'],
    ['172.16.0.1', 'a private address'],
    ['172.31.255.255', 'a private address'],
    ['192.168.1.1', 'a private address'],
    ['127.0.0.1', 'a loopback address'],
    ['127.255.255.254', 'a loopback address'],
    ['169.254.169.254', 'a link-local or metadata address'],
    ['100.64.0.1', 'a carrier-grade NAT address'],
    ['100.100.100.200', 'a carrier-grade NAT address'],
    ['168.63.129.16', 'a metadata address'],
    ['192.0.0.192', 'a reserved address'],
    ['192.0.2.1', 'a reserved address'],
    ['198.18.0.1', 'a reserved address'],
    ['198.51.100.1', 'a reserved address'],
    ['203.0.113.1', 'a reserved address'],
    ['224.0.0.1', 'a multicast address'],
    ['240.0.0.1', 'a reserved address'],
    ['255.255.255.255', 'a broadcast address'],
    ['::', 'an unspecified address'],
    ['::1', 'a loopback address'],
    ['::7f00:1', 'a reserved address'],
    ['::127.0.0.1', 'a reserved address'],
    ['::ffff:127.0.0.1', 'an IPv4-mapped address'],
    ['::ffff:8.8.8.8', 'an IPv4-mapped address'],
    ['::ffff:0:127.0.0.1', 'a reserved address'],
    ['64:ff9b::7f00:1', 'a NAT64 address'],
    ['64:ff9b:1::1', 'a reserved address'],
    ['100::1', 'a reserved address'],
    ['2001::1', 'a Teredo address'],
    ['2001:db8::1', 'a reserved address'],
    ['2002:7f00:1::', 'a 6to4 address'],
    ['3fff::1', 'a reserved address'],
    ['fc00::1', 'a private address'],
    ['fd00:ec2::254', 'a private address'],
    ['fe80::1', 'a link-local or metadata address'],
    ['fe80::1%eth0', 'a link-local or metadata address'],
    ['fec0::1', 'a reserved address'],
    ['ff02::1', 'a multicast address'],
    ['not an address', 'no IP address'],
  ])('judge(%s) is %s', (address, kind) => {
    const verdict = judge(address)
    if (kind === 'public') expect(verdict).toEqual({ public: true, kind: 'public', never: false })
    else {
      expect(verdict.public).toBe(false)
      // the range's name may be finer than "reserved" where the library knows one
      if (!kind.includes('reserved')) expect(verdict.kind).toBe(kind)
    }
  })
})

test('toCanonical gives one text for one address', () => {
  expect([toCanonical('::ffff:10.0.0.1'), toCanonical('0:0::1'), toCanonical('10.0.0.1')]).toEqual([
    '10.0.0.1',
    '::1',
    '10.0.0.1',
  ])
})

test('isLocal knows loopback, unspecified and mapped addresses of this machine', () => {
  expect(['127.0.0.1', '127.9.9.9', '::1', '0.0.0.0', '::', '::ffff:127.0.0.1'].every(isLocal)).toBe(true)
  expect(['8.8.8.8', '2606:2800:220:1::1', 'x'].some(isLocal)).toBe(false)
})
