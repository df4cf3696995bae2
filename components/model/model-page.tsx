'use client'
import { Badge, Button, Table } from '@mantine/core'
import Link from 'next/link'
import { useParams, useRouter } from 'next/navigation'
import type { Result } from '../../runtime/api/client.ts'
import { ask } from '../ui/ask.tsx'
import { useAct, useApi } from '../ui/api.ts'
import { toBytes, toFigure, toTime } from '../ui/format.ts'
import { JsonView } from '../ui/json-view.tsx'
import { Ago, Facts, PageHead, Section, Waiting } from '../ui/parts.tsx'
import { VersionTable } from './version-table.tsx'

type Model = Result<'getModel'>

export function ModelPage() {
  const name = decodeURIComponent(useParams<{ name: string }>().name)
  const router = useRouter()
  const query = useApi('getModel', { params: { name } })
  const move = useAct('moveAlias', { said: 'The alias is moved' })
  const remove = useAct('deleteModel', { said: 'The model is deleted', done: () => router.push('/models') })
  const model = query.data
  const crumbs = [{ label: 'Models', href: '/models' }, { label: name }]
  if (!model)
    return (
      <>
        <PageHead crumbs={crumbs} />
        <Waiting query={query} />
      </>
    )
  const promote = (version: number) =>
    move.mutate({ params: { name, alias: 'champion' }, body: { version }, revision: model.revision })
  return (
    <>
      <PageHead crumbs={crumbs}>
        <Button
          variant="default"
          onClick={() =>
            ask({
              title: `Delete ${name}?`,
              text: 'All its versions go with it; deployments that load it will fail. This cannot be undone.',
              action: 'Delete the model',
              onYes: () => remove.mutate({ params: { name } }),
            })
          }
        >
          Delete
        </Button>
      </PageHead>
      <div className="body">
        <Section title="Versions" aside="metrics beside the baseline">
          <VersionTable model={model} busy={move.isPending} onPromote={promote} />
        </Section>
        <Section title="Aliases over time">
          <AliasHistory model={model} />
        </Section>
        {model.versions.slice(0, 1).map((version) => (
          <Newest key={version.version} version={version} />
        ))}
      </div>
    </>
  )
}

function AliasHistory({ model }: { model: Model }) {
  if (model.history.length === 0) return <p className="dim">No alias was moved yet.</p>
  return (
    <div className="table-scroll">
      <Table aria-label="Alias moves">
        <Table.Tbody>
          {model.history.toReversed().map((entry, index) => (
            <Table.Tr key={index}>
              <Table.Td>
                <Badge>{entry.alias}</Badge>
              </Table.Td>
              <Table.Td>to v{entry.version}</Table.Td>
              <Table.Td title={toTime(entry.at)}>
                <Ago at={entry.at} />
              </Table.Td>
              <Table.Td className="dim">by {entry.by}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}

function Newest({ version }: { version: Model['versions'][number] }) {
  const lineage = version.lineage as {
    notebook?: string
    notebookVersion?: number
    run?: string
    objects?: { name: string; sha256: string }[]
    streams?: { name: string; from: number; to: number }[]
    parameters?: object
  }
  return (
    <>
      <Section title={`Lineage of v${version.version}`}>
        <Facts
          items={[
            [
              'Notebook',
              lineage.notebook ? (
                <Link key="n" href={`/notebooks/${lineage.notebook}`}>
                  version {lineage.notebookVersion ?? '?'}
                </Link>
              ) : (
                '–'
              ),
            ],
            [
              'Run',
              lineage.run ? (
                <Link key="r" href={`/runs/${lineage.run}`}>
                  the run that made it
                </Link>
              ) : (
                '–'
              ),
            ],
            ['Objects', (lineage.objects ?? []).map((object) => object.name).join(', ') || '–'],
            [
              'Streams',
              (lineage.streams ?? [])
                .map((one) => `${one.name} ${toFigure(one.from)} to ${toFigure(one.to)}`)
                .join(', ') || '–',
            ],
            [
              'Parameters',
              Object.keys(lineage.parameters ?? {}).length === 0 ? '–' : JSON.stringify(lineage.parameters),
            ],
            ['Size', toBytes(version.bytes)],
            ['CPU', `${toFigure(Number(version.cost.cpuSeconds ?? 0))} s`],
            ['Kind', version.kind],
          ]}
        />
      </Section>
      <Section title={`Signature of v${version.version}`}>
        <JsonView value={version.signature} label="the signature" />
      </Section>
    </>
  )
}
