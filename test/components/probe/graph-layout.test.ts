import { describe, expect, test } from 'vitest'
import type { Link } from '../../../runtime/api/probe-message.ts'
import { boxHeight, boxWidth, toProcessGraph } from '../../../components/probe/graph-layout.ts'

const link = (from: string, to: string, strength = 1): Link => ({ from, to, strength })
const columns = (links: Link[]): string[][] => {
  const { nodes } = toProcessGraph(links)
  return [...Map.groupBy(nodes, ({ x }) => x).entries()]
    .toSorted(([a], [b]) => a - b)
    .map(([, found]) => found.map(({ name }) => name))
}

describe('toProcessGraph', () => {
  test('those that only call, those in the middle, those that are only called; the strongest first', () => {
    const links = [
      link('nginx', 'node', 5),
      link('curl', 'node', 1),
      link('node', 'mongod', 2),
      link('node', 'redis', 9),
    ]
    expect(columns(links)).toEqual([['nginx', 'curl'], ['node'], ['redis', 'mongod']])
  })
  test('a column without anybody takes no room; equal strength goes by name', () => {
    expect(columns([link('b', 'd'), link('a', 'd')])).toEqual([['a', 'b'], ['d']])
    expect(toProcessGraph([link('b', 'd'), link('a', 'd')])).toMatchObject({
      width: 2 * boxWidth + 110 + 40,
      height: 2 * boxHeight + 10,
    })
  })
  test('who talks to itself alone stands where nobody calls from, with a link around its side', () => {
    const { nodes, links } = toProcessGraph([link('a', 'a', 3)])
    expect(nodes).toEqual([{ name: 'a', x: 0, y: 0 }])
    expect(links[0]!.path).toMatch(/^M180 14C230 /)
  })
  test('no boxes overlap, and every link begins and ends at one', () => {
    const links = Array.from({ length: 60 }, (_, i) => link(`p${i % 13}`, `p${(i * 7) % 17}`, i + 1))
    const graph = toProcessGraph(links)
    const places = graph.nodes.map(({ x, y }) => `${x} ${y}`)
    expect(new Set(places).size).toBe(places.length)
    for (const a of graph.nodes)
      for (const b of graph.nodes)
        if (a !== b && a.x === b.x) expect(Math.abs(a.y - b.y)).toBeGreaterThanOrEqual(boxHeight)
    expect(graph.links).toHaveLength(30)
    expect(Math.min(...graph.links.map(({ strength }) => strength))).toBe(31)
    const names = new Set(graph.nodes.map(({ name }) => name))
    expect(graph.links.every(({ from, to }) => names.has(from) && names.has(to))).toBe(true)
    expect(graph.links.every(({ path }) => !path.includes('NaN'))).toBe(true)
  })
  test('the width of a link grows with its strength, also where nothing flows', () => {
    expect(toProcessGraph([link('a', 'b', 4), link('a', 'c', 1)]).links.map(({ width }) => width)).toEqual([
      8, 4.5,
    ])
    expect(toProcessGraph([link('a', 'b', 0)]).links.map(({ width }) => width)).toEqual([1])
  })
  test('nothing is an empty picture', () => {
    expect(toProcessGraph([])).toEqual({ nodes: [], links: [], width: boxWidth + 40, height: -10 })
  })
})
