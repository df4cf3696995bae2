'use client'
/** Who talks to whom: a line is as thick as the link is strong. A node lights its own links, by pointer and by key. */
import { Table } from '@mantine/core'
import { useMemo, useState } from 'react'
import { toFigure } from '../ui/format.ts'
import { FigureBox } from './figure-box.tsx'
import { boxHeight, boxWidth, toProcessGraph } from './graph-layout.ts'
import type { Result } from './result.ts'

export function ProcessGraph({ result, chart }: { result: Result; chart: boolean }) {
  const { links, linkUnit } = result
  const graph = useMemo(() => toProcessGraph(links), [links])
  const [near, setNear] = useState<string | null>(null)
  const describe = (name: string) => {
    const own = graph.links.filter(({ from, to }) => from === name || to === name)
    return [
      name,
      ...own.map((link) =>
        link.from === name
          ? `to ${link.to}: ${toFigure(link.strength)}`
          : `from ${link.from}: ${toFigure(link.strength)}`,
      ),
    ].join('; ')
  }
  return (
    <FigureBox
      title="Who talks to whom"
      chart={chart}
      aside={<span>{linkUnit}</span>}
      figure={
        links.length === 0 ? (
          <p className="dim">No process that may be looked at has a connection now.</p>
        ) : (
          <div className="probe-graph-scroll">
            <svg
              className="probe-graph"
              role="group"
              aria-label="Dependency graph of processes"
              viewBox={`-4 -4 ${graph.width + 8} ${graph.height + 8}`}
              width={graph.width + 8}
              height={graph.height + 8}
            >
              {graph.links.map((link) => (
                <path
                  key={`${link.from}\n${link.to}`}
                  d={link.path}
                  strokeWidth={link.width}
                  data-near={link.from === near || link.to === near || undefined}
                >
                  <title>{`${link.from} to ${link.to}: ${toFigure(link.strength)} ${linkUnit}`}</title>
                </path>
              ))}
              {graph.nodes.map((node) => (
                <g
                  key={node.name}
                  role="img"
                  tabIndex={0}
                  aria-label={describe(node.name)}
                  transform={`translate(${node.x} ${node.y})`}
                  onPointerEnter={() => setNear(node.name)}
                  onPointerLeave={() => setNear(null)}
                  onFocus={() => setNear(node.name)}
                  onBlur={() => setNear(null)}
                >
                  <title>{describe(node.name)}</title>
                  <rect width={boxWidth} height={boxHeight} rx={4} />
                  <text x={8} y={18}>
                    {node.name.length > 23 ? `${node.name.slice(0, 22)}…` : node.name}
                  </text>
                </g>
              ))}
            </svg>
            {links.length > graph.links.length && (
              <p className="dim">
                The strongest {graph.links.length} of {links.length} links; the table has all.
              </p>
            )}
          </div>
        )
      }
      table={
        <div className="table-scroll probe-table" tabIndex={0} role="group" aria-label="Links, table">
          <Table aria-label="Who talks to whom" stickyHeader>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>From</Table.Th>
                <Table.Th>To</Table.Th>
                <Table.Th className="num">{linkUnit}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {links.slice(0, 200).map(({ from, to, strength }) => (
                <Table.Tr key={`${from}\n${to}`}>
                  <Table.Td>{from}</Table.Td>
                  <Table.Td>{to}</Table.Td>
                  <Table.Td className="num">{toFigure(strength)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      }
    />
  )
}
