/**
 * Where the cells of the dependency graph stand: a cell one row below the lowest of those it uses, in document order
 * within a row, at most so many beside each other. Cells that use nothing and that nothing uses are left out. Pure.
 */
import type { Program } from '../../runtime/notebook/program.ts'

export interface GraphNode {
  id: string
  /** From 1, as people count cells. */
  number: number
  names: string[]
  x: number
  y: number
}
export interface GraphEdge {
  from: string
  to: string
  names: string[]
  path: string
}
export interface Graph {
  nodes: GraphNode[]
  edges: GraphEdge[]
  width: number
  height: number
}
export const nodeWidth = 98
export const nodeHeight = 40
const gapX = 12
const gapY = 34
const perRow = 3

export function toGraph(program: Program): Graph {
  const position = new Map(program.cells.map(({ id }, index) => [id, index]))
  const linked = new Set(program.edges.flatMap(({ from, to }) => [from, to]))
  const incoming = Map.groupBy(program.edges, ({ to }) => to)
  const depth = new Map<string, number>()
  // In document order, so that what a cell uses above it is placed already; a use of something below counts for nothing.
  for (const { id } of program.cells)
    depth.set(
      id,
      Math.max(
        -1,
        ...(incoming.get(id) ?? [])
          .filter(({ from }) => position.get(from)! < position.get(id)!)
          .map(({ from }) => depth.get(from)!),
      ) + 1,
    )
  const layers = Map.groupBy(
    program.cells.filter(({ id }) => linked.has(id)),
    ({ id }) => depth.get(id)!,
  )
  const nodes: GraphNode[] = []
  let row = 0
  for (const [, layer] of [...layers].toSorted(([a], [b]) => a - b))
    for (let start = 0; start < layer.length; start += perRow) {
      layer.slice(start, start + perRow).forEach(({ id, names }, column) => {
        nodes.push({
          id,
          number: position.get(id)! + 1,
          names: names.declares,
          x: column * (nodeWidth + gapX),
          y: row * (nodeHeight + gapY),
        })
      })
      row += 1
    }
  const byId = new Map(nodes.map((node) => [node.id, node]))
  return {
    nodes,
    edges: program.edges.map((edge) => ({ ...edge, path: toPath(byId.get(edge.from)!, byId.get(edge.to)!) })),
    width: perRow * (nodeWidth + gapX) - gapX,
    height: Math.max(0, row * (nodeHeight + gapY) - gapY),
  }
}

function toPath(from: GraphNode, to: GraphNode): string {
  const down = to.y > from.y
  const [x1, y1] = [from.x + nodeWidth / 2, from.y + (down ? nodeHeight : 0)]
  const [x2, y2] = [to.x + nodeWidth / 2, to.y + (down ? 0 : nodeHeight)]
  const bend = (down ? 1 : -1) * Math.max(16, Math.abs(y2 - y1) / 2)
  return `M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}`
}
