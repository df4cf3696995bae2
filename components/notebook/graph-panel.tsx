'use client'
/** Which cell uses what of which, as a drawing and as a list; both lead to the cell. */
import { Button } from '@mantine/core'
import { useMemo, useState } from 'react'
import { nodeHeight, nodeWidth, toGraph, type Graph, type GraphNode } from './graph-layout.ts'
import type { PanelProps } from './panel.ts'

const margin = 4

export function GraphPanel({ runner, onGo }: PanelProps) {
  const [list, setList] = useState(false)
  const graph = useMemo(() => toGraph(runner.program), [runner.program])
  if (graph.nodes.length === 0) return <p className="dim">No cell uses what another one declares yet.</p>
  return (
    <div className="stack">
      <div className="toolbar">
        <Button variant="default" aria-pressed={list} onClick={() => setList(!list)}>
          {list ? 'Show as drawing' : 'Show as list'}
        </Button>
      </div>
      {list ? (
        <GraphList graph={graph} stale={runner.stale} onGo={onGo} />
      ) : (
        <Drawing graph={graph} stale={runner.stale} onGo={onGo} />
      )}
    </div>
  )
}
interface Props {
  graph: Graph
  stale: Map<string, string>
  onGo: (id: string) => void
}

function Drawing({ graph, stale, onGo }: Props) {
  const [near, setNear] = useState<string | null>(null)
  const describe = (node: GraphNode) => {
    const uses = graph.edges.filter(({ to }) => to === node.id).flatMap(({ names }) => names)
    return [
      `Cell ${node.number}`,
      node.names.length > 0 && `declares ${node.names.join(', ')}`,
      uses.length > 0 && `uses ${uses.join(', ')}`,
      stale.has(node.id) && `stale: ${stale.get(node.id)}`,
    ]
      .filter(Boolean)
      .join('; ')
  }
  return (
    <svg
      className="graph"
      role="group"
      aria-label="Dependency graph"
      viewBox={`${-margin} ${-margin} ${graph.width + 2 * margin} ${graph.height + 2 * margin}`}
      width="100%"
    >
      {graph.edges.map((edge) => (
        <path
          key={`${edge.from}-${edge.to}`}
          d={edge.path}
          data-near={edge.from === near || edge.to === near || undefined}
        >
          <title>{edge.names.join(', ')}</title>
        </path>
      ))}
      {graph.nodes.map((node) => (
        <g
          key={node.id}
          role="button"
          tabIndex={0}
          data-stale={stale.has(node.id) || undefined}
          transform={`translate(${node.x} ${node.y})`}
          onClick={() => onGo(node.id)}
          onPointerEnter={() => setNear(node.id)}
          onPointerLeave={() => setNear(null)}
          onFocus={() => setNear(node.id)}
          onBlur={() => setNear(null)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' && event.key !== ' ') return
            event.preventDefault()
            onGo(node.id)
          }}
        >
          <title>{describe(node)}</title>
          <rect width={nodeWidth} height={nodeHeight} rx={4} />
          <text x={8} y={16} className="graph-number">
            {node.number}
            {stale.has(node.id) && ' stale'}
          </text>
          <text x={8} y={32}>
            {cut(node.names.join(', ') || '–')}
          </text>
        </g>
      ))}
    </svg>
  )
}

function GraphList({ graph, stale, onGo }: Props) {
  const byId = new Map(graph.nodes.map((node) => [node.id, node]))
  const ordered = graph.nodes.toSorted((a, b) => a.number - b.number)
  return (
    <ol className="outline" aria-label="Cells and what they use">
      {ordered.map((node) => (
        <li key={node.id}>
          <button type="button" onClick={() => onGo(node.id)}>
            <span className="dim">{node.number}</span> {node.names.join(', ') || '(declares nothing)'}
          </button>
          <ul className="graph-uses">
            {graph.edges
              .filter(({ to }) => to === node.id)
              .map((edge) => (
                <li key={edge.from}>
                  uses {edge.names.join(', ')} of cell {byId.get(edge.from)!.number}
                </li>
              ))}
            {stale.has(node.id) && <li>stale: {stale.get(node.id)}</li>}
          </ul>
        </li>
      ))}
    </ol>
  )
}
const cut = (text: string): string => (text.length > 13 ? `${text.slice(0, 12)}…` : text)
