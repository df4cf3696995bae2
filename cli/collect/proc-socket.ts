/**
 * /proc/net/tcp, tcp6, udp and udp6, and which process is linked with which. An address is written there as 32-bit
 * words in the byte order of the machine, in all machines that Node runs on: little-endian. Pure.
 */
import type { Link } from '../../runtime/api/probe-message.ts'

export interface Socket {
  local: string
  localPort: number
  remote: string
  remotePort: number
  state: number
  inode: string
}
const listening = 0x0a
const established = 0x01
/** UDP has the state 7 until it is connected, then 1. */
export function parseSockets(text: string): Socket[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local = '', remote = '', state = '', , , , , , inode = ''] = line.trim().split(/\s+/)
      const [localHex, localPort] = local.split(':')
      const [remoteHex, remotePort] = remote.split(':')
      if (!localHex || !localPort || !remoteHex || !remotePort || inode === '') return []
      return [
        {
          local: toAddress(localHex),
          localPort: Number.parseInt(localPort, 16),
          remote: toAddress(remoteHex),
          remotePort: Number.parseInt(remotePort, 16),
          state: Number.parseInt(state, 16),
          inode,
        },
      ]
    })
}

export function toAddress(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).toReversed().map((byte) => Number.parseInt(byte, 16)),
  )
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255)
    return bytes.slice(12).join('.')
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!).toString(16))
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1) // with its zeros shortened
}

/**
 * Who talks to whom, with the number of connections: from the side that opened it to the side that listens. What
 * nobody here owns is named by its address.
 */
export function toLinks(sockets: readonly Socket[], owners: ReadonlyMap<string, string>): Link[] {
  const keyOf = (address: string, port: number): string => `${address} ${port}`
  const open = new Set(sockets.filter(({ state }) => state === listening).map(({ localPort }) => localPort))
  const live = sockets.filter(({ state, remotePort }) => state === established && remotePort !== 0)
  const here = new Map(
    live.map((one) => [`${keyOf(one.local, one.localPort)} ${keyOf(one.remote, one.remotePort)}`, one]),
  )
  const counts = new Map<string, Link>()
  for (const one of live) {
    const owner = owners.get(one.inode)
    if (owner === undefined) continue
    const isServer = open.has(one.localPort)
    const peer = here.get(`${keyOf(one.remote, one.remotePort)} ${keyOf(one.local, one.localPort)}`)
    const peerOwner = peer && owners.get(peer.inode)
    // Both ends are here: the one that opened it tells.
    const isPeerServer = open.has(one.remotePort)
    const opened = isServer === isPeerServer ? one.localPort > one.remotePort : isPeerServer
    if (peerOwner !== undefined && !opened) continue
    const other = peerOwner ?? (isServer ? one.remote : `${one.remote}:${one.remotePort}`)
    const [from, to] = isServer && peerOwner === undefined ? [other, owner] : [owner, other]
    const key = JSON.stringify([from, to])
    const link = counts.get(key) ?? { from, to, strength: 0 }
    link.strength += 1
    counts.set(key, link)
  }
  return [...counts.values()].toSorted((a, b) => b.strength - a.strength)
}
