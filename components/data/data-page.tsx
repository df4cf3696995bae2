'use client'
import { Button, TextInput } from '@mantine/core'
import { IconPlus, IconSearch, IconUpload } from '@tabler/icons-react'
import { useRouter, useSearchParams } from 'next/navigation'
import { Suspense, useRef, useState } from 'react'
import { StreamPanel } from '../stream/stream-panel.tsx'
import { useApi } from '../ui/api.ts'
import { Empty, PageHead, Waiting } from '../ui/parts.tsx'
import { DataTable } from './data-table.tsx'
import { DropArea } from './drop-area.tsx'
import { UploadList } from './upload-list.tsx'
import { useUploads } from './uploads.ts'

export function DataPage() {
  return (
    <Suspense>
      <Data />
    </Suspense>
  )
}

function Data() {
  const router = useRouter()
  const address = useSearchParams()
  const filter = address.get('q') ?? ''
  const [defining, setDefining] = useState(false)
  const picker = useRef<HTMLInputElement>(null)
  const uploads = useUploads()
  const objects = useApi('findObjects', { query: { limit: 500 } })
  const streams = useApi('findStreams', { query: { limit: 500 } }, { refetchInterval: 2000 })
  const empty =
    objects.data?.items.length === 0 && streams.data?.items.length === 0 && uploads.items.length === 0
  const pick = () => picker.current?.click()
  return (
    <DropArea onFiles={uploads.add}>
      <PageHead crumbs={[{ label: 'Data' }]}>
        <Button variant="default" leftSection={<IconPlus size={16} />} onClick={() => setDefining(true)}>
          Define a stream
        </Button>
        <Button leftSection={<IconUpload size={16} />} onClick={pick}>
          Upload a file
        </Button>
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          aria-label="Files to upload"
          onChange={(event) => {
            uploads.add([...(event.currentTarget.files ?? [])])
            event.currentTarget.value = ''
          }}
        />
      </PageHead>
      <UploadList uploads={uploads} />
      {!objects.data || !streams.data ? (
        <Waiting query={objects.error ? objects : streams} />
      ) : empty ? (
        <Empty
          title="No data yet"
          action={
            <>
              <Button onClick={pick}>Upload a file</Button>
              <Button variant="default" onClick={() => setDefining(true)}>
                Define a stream
              </Button>
            </>
          }
        >
          Drop a CSV, JSON, NDJSON or Parquet file anywhere on this page, or define a stream of live messages:
          a RabbitMQ queue, an HTTP address to push to, or a file replayed by the simulator.
        </Empty>
      ) : (
        <div className="body">
          <TextInput
            placeholder="Filter by name or tag"
            aria-label="Filter by name or tag"
            leftSection={<IconSearch size={16} />}
            value={filter}
            maw={320}
            onChange={(event) => {
              const value = event.currentTarget.value
              router.replace(value ? `/data?q=${encodeURIComponent(value)}` : '/data', { scroll: false })
            }}
          />
          <DataTable objects={objects.data.items} streams={streams.data.items} filter={filter} />
        </div>
      )}
      <StreamPanel opened={defining} onClose={() => setDefining(false)} objects={objects.data?.items ?? []} />
    </DropArea>
  )
}
