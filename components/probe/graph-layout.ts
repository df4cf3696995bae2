/**
 * Where processes stand: three columns from left to right, those that only call, those in the middle, those that are
 * only called; within a column the strongest first. The strongest links alone are drawn; the table has all. Pure.
 */
import type { Link } from '../../runtime/api/probe-message.ts'

export interface PlacedNode {
  name: string
  x: number
  y: number
}
export interface PlacedLink extends Link {
  path: string
  width: number
}
export interface ProcessGraph {
  nodes: PlacedNode[]
  links: PlacedLink[]
  width: number
  height: number
}
export const boxWidth = 180
export const boxHeight = 28
const gapX = 110
const gapY = 10
const maxLinks = 30

export function toProcessGraph(all: readonly Link[]): ProcessGraph {
  const links = all.toSorted((a, b) => b.strength - a.strength).slice(0, maxLinks)
  const weight = new Map<string, number>()
  for (const { from, to, strength } of links)
    for (const name of new Set([from, to])) weight.set(name, (weight.get(name) ?? 0) + strength)
  const others = links.filter(({ from, to }) => from !== to)
  const calls = new Set(others.map(({ from }) => from))
  const called = new Set(others.map(({ to }) => to))
  const columnOf = (name: string): number => (calls.has(name) ? (called.has(name) ? 1 : 0) : 2)
  const byColumn = Map.groupBy(
    [...weight.keys()].toSorted((a, b) => weight.get(b)! - weight.get(a)! || (a < b ? -1 : 1)),
    columnOf,
  )
  // A column without anybody takes no room.
  const used = [0, 1, 2].filter((column) => byColumn.has(column))
  const longest = Math.max(0, ...[...byColumn.values()].map((names) => names.length))
  const nodes = used.flatMap((column, place) => {
    const names = byColumn.get(column)!
    const top = ((longest - names.length) * (boxHeight + gapY)) / 2
    return names.map((name, row) => ({
      name,
      x: place * (boxWidth + gapX),
      y: top + row * (boxHeight + gapY),
    }))
  })
  const byName = new Map(nodes.map((node) => [node.name, node]))
  const strongest = links[0]?.strength ?? 1
  return {
    nodes,
    links: links.map((link) => ({
      ...link,
      path: toPath(byName.get(link.from)!, byName.get(link.to)!),
      width: 1 + 7 * Math.sqrt(Math.max(0, link.strength) / Math.max(1e-9, strongest)),
    })),
    width: Math.max(1, used.length) * (boxWidth + gapX) - gapX + 40,
    height: longest * (boxHeight + gapY) - gapY,
  }
}

function toPath(from: PlacedNode, to: PlacedNode): string {
  const [y1, y2] = [from.y + boxHeight / 2, to.y + boxHeight / 2]
  // Within a column, or back: around the right side.
  if (to.x <= from.x) {
    const [x1, x2] = [from.x + boxWidth, to.x + boxWidth]
    return `M${x1} ${y1}C${x1 + 50} ${y1 - 4} ${x2 + 50} ${y2 + 4} ${x2} ${from === to ? y2 + 6 : y2}`
  }
  const [x1, x2] = [from.x + boxWidth, to.x]
  const bend = (x2 - x1) / 2
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`
}
