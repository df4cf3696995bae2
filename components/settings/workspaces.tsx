'use client'
import { Alert, Button, Table, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useAct, useApi } from '../ui/api.ts'
import { Ago, CodeBlock, Waiting } from '../ui/parts.tsx'

export function Workspaces() {
  const query = useApi('findWorkspaces', { query: { limit: 200 } })
  const [name, setName] = useState('')
  const [made, setMade] = useState<{ name: string; token: string } | null>(null)
  const create = useAct('createWorkspace', {
    done: (result) => {
      setMade({ name: result.workspace.name, token: result.token })
      setName('')
    },
  })
  return (
    <div className="stack">
      <form
        className="toolbar"
        onSubmit={(event) => {
          event.preventDefault()
          create.mutate({ body: { name } })
        }}
      >
        <TextInput
          className="grow"
          maw={320}
          aria-label="Name of the workspace"
          placeholder="Name of a workspace"
          required
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" loading={create.isPending}>
          Make a workspace
        </Button>
      </form>
      {made && (
        <Alert
          color="green"
          title={`The first token of ${made.name}, shown once`}
          withCloseButton
          closeButtonLabel="I have copied it"
          onClose={() => setMade(null)}
        >
          <CodeBlock text={made.token} label="Copy the token" />
        </Alert>
      )}
      {!query.data ? (
        <Waiting query={query} lines={2} />
      ) : (
        <div className="table-scroll">
          <Table aria-label="Workspaces">
            <Table.Tbody>
              {query.data.items.map((workspace) => (
                <Table.Tr key={workspace.id}>
                  <Table.Td fw={500}>{workspace.name}</Table.Td>
                  <Table.Td className="dim">{workspace.id}</Table.Td>
                  <Table.Td>
                    <Ago at={workspace.createdAt} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
    </div>
  )
}
