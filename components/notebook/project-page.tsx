'use client'
import { Badge, Button, Drawer, SegmentedControl, Table, TextInput } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import Link from 'next/link'
import { useParams, useRouter } from 'next/navigation'
import { useState } from 'react'
import { useAct, useApi } from '../ui/api.ts'
import { ask } from '../ui/ask.tsx'
import { Ago, Empty, PageHead, Waiting } from '../ui/parts.tsx'
import { DropArea } from '../data/drop-area.tsx'
import { ImportButton, useImport } from './import-export.tsx'
import { PackagesPanel } from './packages-panel.tsx'
import { Trash } from './trash.tsx'

export function ProjectPage() {
  const { id } = useParams<{ id: string }>()
  const router = useRouter()
  const [making, setMaking] = useState(false)
  const project = useApi('getProject', { params: { id } })
  const notebooks = useApi('findNotebooks', { query: { project: id, limit: 500 } })
  const remove = useAct('deleteProject', {
    said: 'The project is deleted',
    done: () => router.push('/projects'),
  })
  const files = useImport(id)
  const make = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setMaking(true)}>
      Make a notebook
    </Button>
  )
  const items = notebooks.data?.items
  return (
    <DropArea onFiles={files.take} note="Drop notebooks to import them">
      <PageHead
        crumbs={[{ label: 'Projects', href: '/projects' }, { label: project.data?.name ?? 'Project' }]}
      >
        {items?.length === 0 && (
          <Button
            variant="default"
            onClick={() =>
              ask({
                title: 'Delete this project?',
                text: 'It has no notebooks.',
                action: 'Delete the project',
                onYes: () => remove.mutate({ params: { id } }),
              })
            }
          >
            Delete
          </Button>
        )}
        <ImportButton files={files} />
        {make}
      </PageHead>
      {!items || !project.data ? (
        <Waiting query={project.error ? project : notebooks} />
      ) : items.length === 0 ? (
        <Empty title="No notebooks yet" action={make}>
          An analytics notebook learns from data; a processing notebook holds what was learned against live
          streams.
        </Empty>
      ) : (
        <div className="body">
          {project.data.description && <p className="dim">{project.data.description}</p>}
          <div className="table-scroll">
            <Table aria-label="Notebooks">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Name</Table.Th>
                  <Table.Th>Kind</Table.Th>
                  <Table.Th className="num">Cells</Table.Th>
                  <Table.Th className="num">Version</Table.Th>
                  <Table.Th>Changed</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {items.map((notebook) => (
                  <Table.Tr key={notebook.id}>
                    <Table.Td>
                      <Link href={`/notebooks/${notebook.id}`} className="row-link">
                        {notebook.name}
                      </Link>
                      {notebook.tags.map((tag) => (
                        <Badge key={tag} color="gray" ml={6}>
                          {tag}
                        </Badge>
                      ))}
                    </Table.Td>
                    <Table.Td>{notebook.kind}</Table.Td>
                    <Table.Td className="num">{notebook.cellCount}</Table.Td>
                    <Table.Td className="num">
                      {notebook.version === 0 ? '–' : `v${notebook.version}`}
                    </Table.Td>
                    <Table.Td>
                      <Ago at={notebook.updatedAt} />
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </div>
        </div>
      )}
      <div className="pad">
        <PackagesPanel project={id} />
        <Trash project={id} />
      </div>
      <MakeNotebook project={id} opened={making} onClose={() => setMaking(false)} />
    </DropArea>
  )
}

function MakeNotebook(props: { project: string; opened: boolean; onClose: () => void }) {
  const router = useRouter()
  const [name, setName] = useState('')
  const [kind, setKind] = useState<'analytics' | 'processing'>('analytics')
  const create = useAct('createNotebook', { done: (made) => router.push(`/notebooks/${made.id}`) })
  return (
    <Drawer opened={props.opened} onClose={props.onClose} position="right" title="Make a notebook">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          create.mutate({
            body: { name, kind, project: props.project, cells: [{ type: 'typescript', source: '' }] },
          })
        }}
      >
        <TextInput
          label="Name"
          required
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <SegmentedControl
          aria-label="Kind"
          value={kind}
          onChange={(value) => setKind(value as typeof kind)}
          data={[
            { value: 'analytics', label: 'Analytics' },
            { value: 'processing', label: 'Processing' },
          ]}
        />
        <p className="dim">
          {kind === 'analytics'
            ? 'Learns from data, run by a person, a schedule or the API.'
            : 'Handles live messages once it is deployed.'}
        </p>
        <Button type="submit" loading={create.isPending}>
          Make the notebook
        </Button>
      </form>
    </Drawer>
  )
}
