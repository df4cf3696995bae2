'use client'
import { Button, Menu } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconFileImport } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useRef, useState } from 'react'
import type { Notebook } from '../../runtime/api/notebooks.ts'
import { client, keyOf, showError } from '../ui/api.ts'

const formats = [
  { format: 'ipynb', label: 'Download as .ipynb (Jupyter)' },
  { format: 'ts', label: 'Download as .ts (for git)' },
  { format: 'html', label: 'Download as .html (to read)' },
] as const
const maxFiles = 50

/** Of a menu; what is not saved yet is saved before. */
export function ExportItems({ notebook, flush }: { notebook: Notebook; flush: () => Promise<boolean> }) {
  const save = async (format: (typeof formats)[number]['format']): Promise<void> => {
    if (!(await flush())) return showError(new Error('It is not saved yet, so it cannot be downloaded.'))
    const link = document.createElement('a')
    link.href = client.url('exportNotebook', { params: { id: notebook.id }, query: { format } })
    link.download = ''
    link.click()
  }
  return formats.map(({ format, label }) => (
    <Menu.Item key={format} onClick={() => void save(format)}>
      {label}
    </Menu.Item>
  ))
}

export interface Import {
  take: (files: File[]) => void
  pending: boolean
}
/** Files become notebooks of the project, one after the other; a single one is opened. */
export function useImport(project: string): Import {
  const router = useRouter()
  const queries = useQueryClient()
  const [pending, setPending] = useState(false)
  async function take(files: File[]): Promise<void> {
    setPending(true)
    const made: string[] = []
    for (const file of files.slice(0, maxFiles))
      try {
        const raw = new FormData()
        raw.append('file', file, file.name)
        const { id, name, notices } = await client.call('importNotebook', { query: { project }, raw })
        made.push(id)
        notifications.show({
          title: `${name} is imported`,
          message: notices.join(' '),
          autoClose: notices.length > 0 ? 15_000 : 2500,
        })
      } catch (error) {
        showError(error, `${file.name} is not imported`)
      }
    if (files.length > maxFiles)
      showError(new Error(`At most ${maxFiles} files are imported at once; the rest was left out.`))
    setPending(false)
    await queries.invalidateQueries({ queryKey: keyOf('findNotebooks') })
    if (files.length === 1 && made.length === 1) router.push(`/notebooks/${made[0]}`)
  }
  return { pending, take: (files) => void take(files) }
}

export function ImportButton({ files }: { files: Import }) {
  const picker = useRef<HTMLInputElement>(null)
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconFileImport size={16} />}
        loading={files.pending}
        onClick={() => picker.current?.click()}
      >
        Import
      </Button>
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        accept=".ipynb,.ts,.js"
        aria-label="Notebooks to import"
        onChange={(event) => {
          files.take([...(event.currentTarget.files ?? [])])
          event.currentTarget.value = ''
        }}
      />
    </>
  )
}
