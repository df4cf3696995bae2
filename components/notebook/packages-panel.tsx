'use client'
import { Badge, Button, Group, Loader, Table, TextInput, VisuallyHidden } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { ProjectPackage } from '../../runtime/api/packages.ts'
import { toBytes } from '../ui/format.ts'
import { useAct, useApi } from '../ui/api.ts'
import { ask } from '../ui/ask.tsx'
import { Failure, Section } from '../ui/parts.tsx'

/** The packages of npm that the notebooks of a project import; only an owner adds and removes. */
export function PackagesPanel({ project }: { project: string }) {
  const me = useApi('getMe', {})
  const query = useApi('findPackages', { params: { id: project } })
  const isOwner = me.data?.scopes.includes('admin') ?? false
  const items = query.data?.items ?? []
  return (
    <Section title="Packages" aside="From npm, for the notebooks of this project: import them by name">
      {query.error ? <Failure error={query.error} again={query.refetch} /> : null}
      {isOwner && <AddPackage project={project} />}
      {items.length === 0 ? (
        <p className="dim">
          None yet. Without any, notebooks import danfojs, @tensorflow/tfjs, arquero, simple-statistics,
          lodash-es and date-fns.
        </p>
      ) : (
        <div className="table-scroll">
          <Table aria-label="Packages">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Name</Table.Th>
                <Table.Th>Version</Table.Th>
                <Table.Th className="num">Size</Table.Th>
                <Table.Th className="num">Needs</Table.Th>
                <Table.Th>Licence</Table.Th>
                <Table.Th>State</Table.Th>
                <Table.Th>
                  <VisuallyHidden>What to do</VisuallyHidden>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.map((one) => (
                <PackageRow key={one.id} of={one} isOwner={isOwner} />
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
    </Section>
  )
}

function PackageRow({ of: { id, project, name, requested, bundle, ...one }, isOwner }: RowProps) {
  const remove = useAct('deletePackage', { said: `${name} is removed` })
  const add = useAct('addPackage')
  const gone = () => remove.mutate({ params: { id: project, package: id } })
  const isBusy = one.state === 'adding'
  return (
    <Table.Tr>
      <Table.Td>{name}</Table.Td>
      <Table.Td>{bundle?.version ?? requested}</Table.Td>
      <Table.Td className="num">{bundle ? toBytes(bundle.bytes) : '–'}</Table.Td>
      <Table.Td
        className="num"
        title={bundle?.dependencies.map((needed) => `${needed.name} ${needed.version}`).join('\n') ?? ''}
      >
        {bundle?.dependencies.length ?? '–'}
      </Table.Td>
      <Table.Td>{bundle ? (bundle.licence ?? 'none told') : '–'}</Table.Td>
      <Table.Td aria-live="polite">
        {isBusy ? (
          <>
            <Loader size={12} mr={6} aria-hidden />
            {one.step}
          </>
        ) : (
          <Badge color={one.state === 'ready' ? 'green' : 'red'}>{one.state}</Badge>
        )}
        {one.error && <div className="dim">{one.error}</div>}
      </Table.Td>
      <Table.Td>
        {isOwner && one.error && (
          <Button
            variant="subtle"
            aria-label={`Add ${name} again`}
            loading={add.isPending}
            onClick={() => add.mutate({ params: { id: project }, body: { name, version: requested } })}
          >
            Try again
          </Button>
        )}
        {isOwner && (
          <Button
            variant="subtle"
            color="red"
            aria-label={isBusy ? `Stop adding ${name}` : `Remove ${name}`}
            onClick={() =>
              isBusy
                ? gone()
                : ask({
                    title: `Remove ${name}?`,
                    text: 'Notebooks that import it fail from their next kernel or run on.',
                    action: 'Remove',
                    onYes: gone,
                  })
            }
          >
            {isBusy ? 'Stop' : 'Remove'}
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  )
}
interface RowProps {
  of: ProjectPackage
  isOwner: boolean
}

function AddPackage({ project }: { project: string }) {
  const [name, setName] = useState('')
  const [version, setVersion] = useState('')
  const add = useAct('addPackage', {
    done: () => {
      setName('')
      setVersion('')
    },
  })
  return (
    <Group
      component="form"
      align="end"
      gap="xs"
      mb="sm"
      aria-label="Add a package"
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        const body = { name: name.trim(), ...(version.trim() ? { version: version.trim() } : {}) }
        add.mutate({ params: { id: project }, body })
      }}
    >
      <TextInput
        label="Package of npm"
        placeholder="d3-array"
        required
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        label="Version"
        placeholder="latest"
        value={version}
        onChange={(event) => setVersion(event.currentTarget.value)}
      />
      <Button type="submit" loading={add.isPending}>
        Add
      </Button>
    </Group>
  )
}
