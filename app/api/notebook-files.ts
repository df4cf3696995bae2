/** Notebooks as files: downloads in each format, and what comes in. */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Notebook } from '../../runtime/api/notebooks.ts'
import type { Output } from '../../runtime/api/runs.ts'
import { AppError } from '../../runtime/error.ts'
import { toHtml } from '../../runtime/notebook/html.ts'
import { formatIpynb } from '../../runtime/notebook/ipynb/format.ts'
import { formatPercent } from '../../runtime/notebook/percent.ts'
import { maxFileBytes } from '../../runtime/project/import.ts'
import { receiveUpload } from './upload.ts'

const mediaTypes = {
  ipynb: 'application/x-ipynb+json',
  ts: 'text/typescript; charset=utf-8',
  html: 'text/html; charset=utf-8',
}
const plotly = (): Promise<string> =>
  readFile(fileURLToPath(import.meta.resolve('plotly.js-dist-min/plotly.min.js')), 'utf8')

export async function toFile(
  notebook: Pick<Notebook, 'name' | 'kind' | 'tags' | 'cells' | 'metadata'>,
  format: keyof typeof mediaTypes,
  outputs: readonly Output[],
): Promise<Response> {
  const { name, kind, tags, cells } = notebook
  const text =
    format === 'ipynb'
      ? formatIpynb(notebook, outputs)
      : format === 'ts'
        ? formatPercent(cells, { head: { name, kind, ...(tags.length > 0 ? { tags } : {}) } })
        : await toHtml({ name, cells, outputs, nonce: randomBytes(16).toString('hex'), plotly })
  const fileName = `${name.replaceAll(/[\\/:*?"<>|]/g, '_')}.${format}`
  return new Response(text, {
    headers: {
      'content-type': mediaTypes[format],
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(fileName.toWellFormed())}`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': 'sandbox',
      'cache-control': 'no-store',
    },
  })
}

/** The text and the name of one file; too-large beyond 32 MB, before it is read where its size is said. */
export async function receiveFile(request: Request): Promise<{ text: string; fileName: string | undefined }> {
  const { name, declaredBytes = 0, source } = await receiveUpload(request)
  const refuse = (): AppError =>
    new AppError(
      'too-large',
      `The file has more than ${maxFileBytes / 1024 / 1024} MB, the limit of a notebook. Clear its outputs, or upload data as objects.`,
    )
  if (declaredBytes > maxFileBytes) throw refuse()
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of source) {
    size += part.byteLength
    if (size > maxFileBytes) throw refuse()
    parts.push(part)
  }
  if (size === 0) throw new AppError('invalid', 'The file is empty.')
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts)), fileName: name }
  } catch {
    throw new AppError('unsupported', 'The file is no UTF-8 text, so it is no notebook.')
  }
}
