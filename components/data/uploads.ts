/**
 * Uploads of this page: XHR, because fetch cannot tell how much of a body was sent. Two at a time; each can be
 * cancelled; a finished one stays until it is dismissed.
 */
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import type { Problem } from '../../runtime/api/operation.ts'
import type { DataObject } from '../../runtime/api/objects.ts'
import { client, toSignIn } from '../ui/api.ts'

export interface Upload {
  key: string
  file: File
  state: 'waiting' | 'sending' | 'done' | 'failed' | 'cancelled'
  sent: number
  detail: string
  object?: DataObject
}
export interface Uploads {
  items: Upload[]
  add: (files: File[]) => void
  cancel: (key: string) => void
  dismiss: (key: string) => void
}
const atOnce = 2

export function useUploads(): Uploads {
  const [items, setItems] = useState<Upload[]>([])
  const requests = useRef(new Map<string, XMLHttpRequest>())
  const queries = useQueryClient()
  const change = (key: string, patch: Partial<Upload>) =>
    setItems((all) => all.map((item) => (item.key === key ? { ...item, ...patch } : item)))

  const start = useEffectEvent((item: Upload) => {
    const request = new XMLHttpRequest()
    requests.current.set(item.key, request)
    request.open('POST', client.url('createObject', { query: { name: item.file.name } }))
    request.setRequestHeader('x-suricate', '1')
    request.setRequestHeader('content-type', item.file.type || 'application/octet-stream')
    request.upload.onprogress = (event) => change(item.key, { sent: event.loaded })
    request.onload = () => {
      requests.current.delete(item.key)
      if (request.status === 401) return toSignIn()
      if (request.status >= 200 && request.status < 300) {
        const object = JSON.parse(request.responseText) as DataObject
        change(item.key, { state: 'done', sent: item.file.size, object, detail: '' })
        void queries.invalidateQueries({ queryKey: ['objects'] })
      } else change(item.key, { state: 'failed', detail: toDetail(request) })
    }
    request.onerror = () => {
      requests.current.delete(item.key)
      change(item.key, { state: 'failed', detail: 'The connection broke. Upload the file again.' })
    }
    request.onabort = () => {
      requests.current.delete(item.key)
      change(item.key, { state: 'cancelled', detail: 'Cancelled; nothing was stored.' })
    }
    change(item.key, { state: 'sending' })
    request.send(item.file)
  })
  useEffect(() => {
    const next = items.find((item) => item.state === 'waiting')
    if (next && requests.current.size < atOnce) start(next)
  }, [items])

  return {
    items,
    add: (files) =>
      setItems((all) => [
        ...all,
        ...files.map((file): Upload => ({
          key: crypto.randomUUID(),
          file,
          state: 'waiting',
          sent: 0,
          detail: '',
        })),
      ]),
    cancel: (key) => {
      const request = requests.current.get(key)
      if (request) request.abort()
      else change(key, { state: 'cancelled', detail: 'Cancelled; nothing was stored.' })
    },
    dismiss: (key) => setItems((all) => all.filter((item) => item.key !== key)),
  }
}

function toDetail(request: XMLHttpRequest): string {
  try {
    return (JSON.parse(request.responseText) as Problem).detail
  } catch {
    return `The server answered ${request.status}.`
  }
}
