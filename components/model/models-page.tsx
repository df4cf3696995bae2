'use client'
import { Badge, Table } from '@mantine/core'
import Link from 'next/link'
import { useApi } from '../ui/api.ts'
import { toFigure } from '../ui/format.ts'
import { Ago, Empty, PageHead, Waiting } from '../ui/parts.tsx'

export function ModelsPage() {
  const query = useApi('findModels', { query: { limit: 200 } })
  return (
    <>
      <PageHead crumbs={[{ label: 'Models' }]} />
      {!query.data ? (
        <Waiting query={query} />
      ) : query.data.items.length === 0 ? (
        <Empty title="No models yet" action={<Link href="/projects">Open a notebook</Link>}>
          An analytics notebook saves what it learned with <code>models.save(name, model)</code>; each save is
          a new version here, with its metrics beside the baseline.
        </Empty>
      ) : (
        <div className="body">
          <div className="table-scroll">
            <Table aria-label="Models">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Name</Table.Th>
                  <Table.Th>Aliases</Table.Th>
                  <Table.Th className="num">Versions</Table.Th>
                  <Table.Th>Champion’s metrics</Table.Th>
                  <Table.Th>Changed</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {query.data.items.map((model) => {
                  const champion = model.versions.find(
                    (version) => version.version === model.aliases.champion,
                  )
                  return (
                    <Table.Tr key={model.id}>
                      <Table.Td>
                        <Link href={`/models/${encodeURIComponent(model.name)}`} className="row-link">
                          {model.name}
                        </Link>
                      </Table.Td>
                      <Table.Td>
                        {Object.entries(model.aliases).map(([alias, version]) => (
                          <Badge key={alias} mr={4}>
                            {alias} v{version}
                          </Badge>
                        ))}
                      </Table.Td>
                      <Table.Td className="num">{model.versions.length}</Table.Td>
                      <Table.Td>
                        {Object.entries(champion?.metrics ?? {})
                          .filter(([, value]) => typeof value === 'number')
                          .slice(0, 4)
                          .map(([name, value]) => `${name} ${toFigure(Number(value))}`)
                          .join(' · ')}
                      </Table.Td>
                      <Table.Td>
                        <Ago at={model.updatedAt} />
                      </Table.Td>
                    </Table.Tr>
                  )
                })}
              </Table.Tbody>
            </Table>
          </div>
        </div>
      )}
    </>
  )
}
