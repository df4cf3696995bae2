import { Badge, Button, Table } from '@mantine/core'
import { IconArrowDownRight, IconArrowUpRight } from '@tabler/icons-react'
import Link from 'next/link'
import type { Result } from '../../runtime/api/client.ts'
import { toFigure } from '../ui/format.ts'
import { Ago } from '../ui/parts.tsx'

type Model = Result<'getModel'>
/** Of these, less is better. */
const lower = /loss|error|mae|rmse|mse|log_?loss|brier|fpr|false/i

export function VersionTable(props: { model: Model; busy: boolean; onPromote: (version: number) => void }) {
  const { model } = props
  const metrics = [
    ...new Set(
      model.versions.flatMap((version) =>
        Object.entries(version.metrics)
          .filter(([, value]) => typeof value === 'number')
          .map(([name]) => name),
      ),
    ),
  ].slice(0, 8)
  return (
    <div className="table-scroll">
      <Table aria-label="Versions">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Version</Table.Th>
            <Table.Th>Kind</Table.Th>
            {metrics.map((name) => (
              <Table.Th key={name} className="num">
                {name}
              </Table.Th>
            ))}
            <Table.Th>Made</Table.Th>
            <Table.Th>By run</Table.Th>
            <Table.Th />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {model.versions.map((version) => (
            <Table.Tr key={version.version}>
              <Table.Td fw={500}>
                v{version.version}
                {Object.entries(model.aliases)
                  .filter(([, at]) => at === version.version)
                  .map(([alias]) => (
                    <Badge key={alias} ml={6}>
                      {alias}
                    </Badge>
                  ))}
              </Table.Td>
              <Table.Td>{version.kind}</Table.Td>
              {metrics.map((name) => (
                <Table.Td key={name} className="num">
                  <Metric name={name} value={version.metrics[name]} baseline={version.baseline[name]} />
                </Table.Td>
              ))}
              <Table.Td>
                <Ago at={version.createdAt} />
              </Table.Td>
              <Table.Td>
                {typeof version.lineage.run === 'string' ? (
                  <Link href={`/runs/${version.lineage.run}`}>run</Link>
                ) : (
                  '–'
                )}
              </Table.Td>
              <Table.Td>
                {model.aliases.champion !== version.version && (
                  <Button
                    variant="default"
                    size="compact-xs"
                    disabled={props.busy}
                    onClick={() => props.onPromote(version.version)}
                  >
                    Make v{version.version} champion
                  </Button>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}

function Metric({ name, value, baseline }: { name: string; value: unknown; baseline: unknown }) {
  if (typeof value !== 'number') return <>–</>
  if (typeof baseline !== 'number') return <>{toFigure(value)}</>
  const margin = value - baseline
  const better = lower.test(name) ? margin < 0 : margin > 0
  return (
    <span title={`baseline ${toFigure(baseline)}`}>
      {toFigure(value)}{' '}
      <span className={`state ${margin === 0 ? 'state-calm' : better ? 'state-good' : 'state-bad'}`}>
        {margin > 0 ? (
          <IconArrowUpRight size={12} aria-hidden />
        ) : (
          <IconArrowDownRight size={12} aria-hidden />
        )}
        {better ? 'better by' : margin === 0 ? 'as' : 'worse by'}{' '}
        {margin === 0 ? 'baseline' : toFigure(Math.abs(margin))}
      </span>
    </span>
  )
}
