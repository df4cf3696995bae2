import { ActionIcon, Progress } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import Link from 'next/link'
import { toBytes, toCount } from '../ui/format.ts'
import { StateMark } from '../ui/state-mark.tsx'
import type { Upload, Uploads } from './uploads.ts'

export function UploadList({ uploads }: { uploads: Uploads }) {
  if (uploads.items.length === 0) return null
  return (
    <ul className="uploads" aria-label="Uploads">
      {uploads.items.map((item) => (
        <UploadRow key={item.key} item={item} uploads={uploads} />
      ))}
    </ul>
  )
}
function UploadRow({ item, uploads }: { item: Upload; uploads: Uploads }) {
  const running = item.state === 'sending' || item.state === 'waiting'
  const part = item.file.size === 0 ? 100 : Math.round((item.sent / item.file.size) * 100)
  return (
    <li>
      <span className="upload-name">
        {item.object ? (
          <Link href={`/data/objects/${item.object.id}`}>{item.file.name}</Link>
        ) : (
          item.file.name
        )}
      </span>
      <span className="upload-state" role="status">
        {item.state === 'done' ? (
          <StateMark
            state="ready"
            label={item.object?.rows == null ? 'stored' : `stored, ${toCount(item.object.rows, 'row')}`}
          />
        ) : item.state === 'failed' ? (
          <StateMark state="failed" label={item.detail} />
        ) : item.state === 'cancelled' ? (
          <StateMark state="cancelled" label={item.detail} />
        ) : (
          <>
            <Progress
              value={part}
              w={120}
              aria-label={`Upload of ${item.file.name}`}
              animated={part === 100}
            />
            {part === 100 ? 'reading the columns' : `${part}% of ${toBytes(item.file.size)}`}
          </>
        )}
      </span>
      <ActionIcon
        aria-label={running ? `Cancel the upload of ${item.file.name}` : `Dismiss ${item.file.name}`}
        onClick={() => (running ? uploads.cancel(item.key) : uploads.dismiss(item.key))}
      >
        <IconX size={16} />
      </ActionIcon>
    </li>
  )
}
