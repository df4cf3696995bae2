/**
 * Objects that are downloads: from guarded egress into the workspace's blobs as the bytes arrive, up to what an upload
 * may have. What fails or is cancelled leaves nothing. How far each one is can be waited for, so that a cell shows it.
 */
import type { DataObject } from '../api/objects.ts'
import type { Egress } from '../egress/port.ts'
import { AppError } from '../error.ts'
import type { Objects } from '../object/objects.ts'

export interface ImportSpec {
  url: string
  name: string
  tags: string[]
  mediaType: string | undefined
  run: string | null
}
export interface ImportProgress {
  bytes: number
  /** null where the server does not say. */
  total: number | null
}
export interface Imports {
  run(number: number, spec: ImportSpec, signal: AbortSignal): Promise<DataObject>
  /** After a moment, or when it ended: null. */
  progress(number: number): Promise<ImportProgress | null>
}
interface Deps {
  objects: Pick<Objects, 'create'>
  egress: Pick<Egress, 'download'>
  workspace: string
}

/** The objects' own limit is less; this one only bounds what is read to find that out. */
const maxBytes = 64 * 1024 ** 3
const tellMs = 500

export function createImports({ objects, egress, workspace }: Deps): Imports {
  const running = new Map<number, { progress: ImportProgress; ended: Promise<unknown> }>()

  async function download(
    spec: ImportSpec,
    progress: ImportProgress,
    signal: AbortSignal,
  ): Promise<DataObject> {
    let made: DataObject | undefined
    const { url, ...upload } = spec
    await egress.download(workspace, url, {
      maxBytes,
      signal,
      async take(chunks, { headers }) {
        const isPlain = headers['content-encoding'] === undefined
        const length = Number(headers['content-length'] ?? Number.NaN)
        if (isPlain && Number.isSafeInteger(length)) progress.total = length
        made = await objects.create(workspace, {
          ...upload,
          mediaType: spec.mediaType ?? headers['content-type']?.split(';')[0]?.trim(),
          source: count(chunks, progress),
          ...(progress.total === null ? {} : { declaredBytes: progress.total }),
        })
      },
    })
    if (!made) throw new AppError('unavailable', 'Nothing arrived.')
    return made
  }
  return {
    async run(number, spec, signal) {
      const progress: ImportProgress = { bytes: 0, total: null }
      const work = download(spec, progress, signal)
      running.set(number, { progress, ended: work.catch(() => undefined) })
      try {
        return await work
      } finally {
        running.delete(number)
      }
    },
    async progress(number) {
      const found = running.get(number)
      if (!found) return null
      let timer: NodeJS.Timeout | undefined
      const tick = new Promise((resolve) => {
        timer = setTimeout(resolve, tellMs)
      })
      await Promise.race([tick, found.ended])
      clearTimeout(timer)
      return running.has(number) ? { ...found.progress } : null
    },
  }
}

async function* count(
  chunks: AsyncIterable<Uint8Array>,
  progress: ImportProgress,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    progress.bytes += chunk.length
    yield chunk
  }
}
