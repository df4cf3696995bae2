'use client'
import { Button, Drawer, Table, Textarea, TextInput } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { useAct, useApi } from '../ui/api.ts'
import { Ago, Empty, PageHead, Waiting } from '../ui/parts.tsx'

export function ProjectsPage() {
  const [making, setMaking] = useState(false)
  const projects = useApi('findProjects', { query: { limit: 500 } })
  const notebooks = useApi('findNotebooks', { query: { limit: 1000 } })
  const make = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setMaking(true)}>
      Make a project
    </Button>
  )
  const counts = new Map<string, number>()
  for (const notebook of notebooks.data?.items ?? [])
    counts.set(notebook.project, (counts.get(notebook.project) ?? 0) + 1)
  return (
    <>
      <PageHead crumbs={[{ label: 'Projects' }]}>{make}</PageHead>
      {!projects.data ? (
        <Waiting query={projects} />
      ) : projects.data.items.length === 0 ? (
        <Empty title="No projects yet" action={make}>
          A project is a folder of notebooks: some learn from data, some hold what was learned against live
          streams.
        </Empty>
      ) : (
        <div className="body">
          <div className="table-scroll">
            <Table aria-label="Projects">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Name</Table.Th>
                  <Table.Th>About</Table.Th>
                  <Table.Th className="num">Notebooks</Table.Th>
                  <Table.Th>Made</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {projects.data.items.map((project) => (
                  <Table.Tr key={project.id}>
                    <Table.Td>
                      <Link href={`/projects/${project.id}`} className="row-link">
                        {project.name}
                      </Link>
                    </Table.Td>
                    <Table.Td className="wrap dim">{project.description}</Table.Td>
                    <Table.Td className="num">{counts.get(project.id) ?? 0}</Table.Td>
                    <Table.Td>
                      <Ago at={project.createdAt} />
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </div>
        </div>
      )}
      <MakeProject opened={making} onClose={() => setMaking(false)} />
    </>
  )
}

function MakeProject({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const router = useRouter()
  const [name, setName] = useState('')
  const [description, setDescription] = useState('')
  const create = useAct('createProject', { done: (made) => router.push(`/projects/${made.id}`) })
  return (
    <Drawer opened={opened} onClose={onClose} position="right" title="Make a project">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          create.mutate({ body: { name, description } })
        }}
      >
        <TextInput
          label="Name"
          required
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Textarea
          label="About"
          autosize
          minRows={2}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <Button type="submit" loading={create.isPending}>
          Make the project
        </Button>
      </form>
    </Drawer>
  )
}
