'use client'
import { Alert, Button, Checkbox, Group, Table, TextInput } from '@mantine/core'
import { useState } from 'react'
import { scope } from '../../runtime/api/access.ts'
import { ask } from '../ui/ask.tsx'
import { useAct, useApi } from '../ui/api.ts'
import { Ago, CodeBlock, Waiting } from '../ui/parts.tsx'

type Scope = (typeof scope.options)[number]

export function Tokens() {
  const query = useApi('findTokens', { query: { limit: 200 } })
  const [name, setName] = useState('')
  const [scopes, setScopes] = useState<string[]>(['read', 'write', 'run'])
  const [made, setMade] = useState<{ name: string; value: string } | null>(null)
  const create = useAct('createToken', {
    done: (result) => {
      setMade({ name: result.token.name, value: result.value })
      setName('')
    },
  })
  const revoke = useAct('deleteToken', { said: 'The token is revoked' })
  return (
    <div className="stack">
      <form
        className="toolbar"
        onSubmit={(event) => {
          event.preventDefault()
          create.mutate({ body: { name, scopes: scopes as Scope[] } })
        }}
      >
        <TextInput
          className="grow"
          aria-label="Name of the token"
          placeholder="Name, such as: nightly job"
          required
          maw={320}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Checkbox.Group value={scopes} onChange={setScopes} aria-label="What the token may do">
          <Group gap={12}>
            {scope.options.map((one) => (
              <Checkbox key={one} value={one} label={one} />
            ))}
          </Group>
        </Checkbox.Group>
        <Button type="submit" disabled={scopes.length === 0} loading={create.isPending}>
          Make a token
        </Button>
      </form>
      {made && (
        <Alert
          color="green"
          title={`The token ${made.name}, shown once`}
          withCloseButton
          closeButtonLabel="I have copied it"
          onClose={() => setMade(null)}
        >
          <CodeBlock text={made.value} label="Copy the token" />
        </Alert>
      )}
      {!query.data ? (
        <Waiting query={query} lines={2} />
      ) : (
        <div className="table-scroll">
          <Table aria-label="Tokens">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Name</Table.Th>
                <Table.Th>May</Table.Th>
                <Table.Th>Member</Table.Th>
                <Table.Th>Made</Table.Th>
                <Table.Th>Last used</Table.Th>
                <Table.Th />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {query.data.items.map((token) => (
                <Table.Tr key={token.id}>
                  <Table.Td fw={500}>{token.name}</Table.Td>
                  <Table.Td>{token.scopes.join(', ')}</Table.Td>
                  <Table.Td>{token.member}</Table.Td>
                  <Table.Td>
                    <Ago at={token.createdAt} />
                  </Table.Td>
                  <Table.Td>{token.lastUsedAt === null ? 'never' : <Ago at={token.lastUsedAt} />}</Table.Td>
                  <Table.Td>
                    <Button
                      size="compact-xs"
                      variant="default"
                      aria-label={`Revoke ${token.name}`}
                      onClick={() =>
                        ask({
                          title: `Revoke ${token.name}?`,
                          text: 'Whatever uses it stops working at once.',
                          action: 'Revoke the token',
                          onYes: () => revoke.mutate({ params: { id: token.id } }),
                        })
                      }
                    >
                      Revoke
                    </Button>
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
