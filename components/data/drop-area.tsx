import { useState, type DragEvent, type ReactNode } from 'react'
import './data.css'

/** A page that takes files dropped anywhere on it. */
export function DropArea({
  onFiles,
  children,
  note = 'Drop the files to upload them',
}: {
  onFiles: (files: File[]) => void
  children: ReactNode
  note?: string
}) {
  const [over, setOver] = useState(0)
  const hasFiles = (event: DragEvent) => event.dataTransfer.types.includes('Files')
  return (
    <div
      className="drop-area"
      onDragEnter={(event) => hasFiles(event) && setOver((depth) => depth + 1)}
      onDragLeave={(event) => hasFiles(event) && setOver((depth) => Math.max(0, depth - 1))}
      onDragOver={(event) => hasFiles(event) && event.preventDefault()}
      onDrop={(event) => {
        if (!hasFiles(event)) return
        event.preventDefault()
        setOver(0)
        onFiles([...event.dataTransfer.files])
      }}
    >
      {children}
      {over > 0 && <div className="drop-note">{note}</div>}
    </div>
  )
}
