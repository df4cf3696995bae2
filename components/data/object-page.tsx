'use client'
import { Button, Menu } from '@mantine/core'
import { IconDots, IconDownload } from '@tabler/icons-react'
import { useParams, useRouter } from 'next/navigation'
import { client, useAct, useApi } from '../ui/api.ts'
import { toBytes, toFigure } from '../ui/format.ts'
import { Ago, CodeBlock, Facts, PageHead, Section, Waiting } from '../ui/parts.tsx'
import { ask } from '../ui/ask.tsx'
import { ObjectRows } from './object-rows.tsx'
import { Profile } from './profile.tsx'

export function ObjectPage() {
  const { id } = useParams<{ id: string }>()
  const router = useRouter()
  const query = useApi('getObject', { params: { id } })
  const remove = useAct('deleteObject', { said: 'The object is deleted', done: () => router.push('/data') })
  const object = query.data
  const crumbs = [{ label: 'Data', href: '/data' }, { label: object?.name ?? 'Object' }]
  if (!object)
    return (
      <>
        <PageHead crumbs={crumbs} />
        <Waiting query={query} />
      </>
    )
  const content = client.url('getObjectContent', { params: { id } })
  const confirm = () =>
    ask({
      title: `Delete ${object.name}?`,
      text: 'Notebooks that read it by name will fail. This cannot be undone.',
      action: 'Delete the object',
      onYes: () => remove.mutate({ params: { id } }),
    })
  return (
    <>
      <PageHead crumbs={crumbs}>
        <Button
          component="a"
          href={content}
          download={object.name}
          variant="default"
          leftSection={<IconDownload size={16} />}
        >
          Download
        </Button>
        <Menu position="bottom-end">
          <Menu.Target>
            <Button variant="default" px={8} aria-label="More">
              <IconDots size={16} />
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item color="var(--bad)" onClick={confirm}>
              Delete the object
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </PageHead>
      <div className="body">
        <Facts
          items={[
            ['Rows', object.rows === null ? 'not a table' : toFigure(object.rows)],
            ['Columns', object.columns.length],
            ['Size', toBytes(object.bytes)],
            ['Type', object.mediaType],
            ['Tags', object.tags.join(', ') || '–'],
            ['Changed', <Ago key="at" at={object.updatedAt} />],
          ]}
        />
        {object.rows !== null && (
          <>
            <Section title="Profile">
              <Profile id={id} />
            </Section>
            <Section title="Rows">
              <ObjectRows id={id} rows={object.rows} />
            </Section>
          </>
        )}
        <Section title="In a notebook">
          <CodeBlock
            label="Copy the code"
            text={
              object.rows === null
                ? `const text = await objects.text(${JSON.stringify(object.name)})`
                : `const rows = await sql\`select * from "${object.name.replaceAll('"', '""')}"\``
            }
          />
        </Section>
        <Section title="Checksum (SHA-256)">
          <code>{object.sha256}</code>
        </Section>
      </div>
    </>
  )
}
