/**
 * Which IP addresses notebooks, streams and actions may reach: public unicast only. Of IPv6 that is 2000::/3 without
 * what carries an IPv4 address inside it or is set apart; so every mapped, compatible, translated, 6to4, Teredo and
 * NAT64 form is refused as a form, whatever address it holds. Node's BlockList was rejected: it misses `::/96` and
 * `::ffff:0:0:0/96`.
 */
import { networkInterfaces } from 'node:os'
import ipaddr from 'ipaddr.js'

export interface Verdict {
  public: boolean
  /** What kind of address it is, for the message. */
  kind: string
  /** Refused even where an operator listed a name that leads here; an exact literal may be listed. */
  never: boolean
}

const open: Verdict = { public: true, kind: 'public', never: false }
const closed = (kind: string, never = false): Verdict => ({ public: false, kind, never })

const kinds: { [range: string]: string } = {
  unspecified: 'an unspecified address',
  broadcast: 'a broadcast address',
  multicast: 'a multicast address',
  linkLocal: 'a link-local or metadata address',
  loopback: 'a loopback address',
  carrierGradeNat: 'a carrier-grade NAT address',
  private: 'a private address',
  uniqueLocal: 'a private address',
  ipv4Mapped: 'an IPv4-mapped address',
  '6to4': 'a 6to4 address',
  rfc6052: 'a NAT64 address',
  teredo: 'a Teredo address',
}
const neverKinds = new Set(['unspecified', 'broadcast', 'multicast', 'linkLocal'])
/** Metadata services outside the link-local range: Azure's wire server. */
const metadata = new Set(['168.63.129.16'])
const global6 = ipaddr.IPv6.parseCIDR('2000::/3')
/** Inside 2000::/3, yet no public unicast. */
const apart6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'].map((cidr) =>
  ipaddr.IPv6.parseCIDR(cidr),
)

/** `address` in canonical text, as a resolver or a socket gives it. */
export function judge(address: string): Verdict {
  const bare = address.replace(/%.*$/, '')
  if (!ipaddr.isValid(bare)) return closed('no IP address', true)
  const parsed = ipaddr.parse(bare)
  const range = parsed.range()
  if (parsed instanceof ipaddr.IPv4) {
    if (metadata.has(parsed.toString())) return closed('a metadata address', true)
    return range === 'unicast' ? open : closed(kinds[range] ?? 'a reserved address', neverKinds.has(range))
  }
  const v6 = parsed as ipaddr.IPv6
  if (!v6.match(global6))
    return closed(kinds[range] === undefined ? 'a reserved address' : kinds[range], neverKinds.has(range))
  return apart6.some((cidr) => v6.match(cidr)) ? closed(kinds[range] ?? 'a reserved address') : open
}

/** One text for one address: `::ffff:10.0.0.1` of a dual-stack socket is `10.0.0.1`. */
export function toCanonical(address: string): string {
  const bare = address.replace(/%.*$/, '')
  return ipaddr.isValid(bare) ? ipaddr.process(bare).toString() : bare
}

/** An address of this machine: loopback, unspecified or of one of its interfaces. */
export function isLocal(address: string): boolean {
  const canonical = toCanonical(address)
  if (!ipaddr.isValid(canonical)) return false
  const range = ipaddr.parse(canonical).range()
  if (range === 'loopback' || range === 'unspecified') return true
  return Object.values(networkInterfaces())
    .flat()
    .some((entry) => entry !== undefined && toCanonical(entry.address) === canonical)
}
