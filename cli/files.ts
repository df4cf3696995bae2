/** `suricate push` and `suricate pull`: notebooks as .ts or .ipynb files, anything else as data objects. */
import { createWriteStream } from 'node:fs'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { openAsBlob } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Command, type Context, print, say } from './context.ts'
import { Fault } from './fault.ts'
import { findNotebooks, findObjects, getNotebook, getProject } from './find.ts'
import { parseFlags } from './flags.ts'
import { parseIpynb } from '../runtime/notebook/ipynb/parse.ts'
import { parseScript } from '../runtime/notebook/percent.ts'

const notebookFile = /\.(ipynb|ts)$/i
const maxNotebookBytes = 32 * 1024 * 1024

export const push: Command = {
  help: `suricate push FILE... [--project NAME]   notebooks (.ts, .ipynb) and data objects (anything else)

A notebook of the same name in the project, or an object of the same name, is replaced; its versions stay.`,
  async run(context, args) {
    const { positional: files, own } = parseFlags(args, { project: 'value', help: 'switch' })
    if (files.length === 0) throw new Fault('Say which files: suricate push FILE...')
    for (const file of files) {
      const { size } = await stat(file).catch(() => {
        throw new Fault(`There is no file ${file}.`)
      })
      if (notebookFile.test(file))
        await pushNotebook(context, file, size, own.get('project') as string | undefined)
      else await pushObject(context, file)
    }
    return 0
  },
}

async function pushNotebook(
  context: Context,
  file: string,
  size: number,
  wanted: string | undefined,
): Promise<void> {
  const { client } = context
  if (size > maxNotebookBytes) throw new Fault(`${file} has more than 32 MB, the limit of a notebook.`)
  const text = await readFile(file, 'utf8')
  const read = /\.ipynb$/i.test(file)
    ? parseIpynb(text, () => `c${crypto.randomUUID().slice(0, 12)}`)
    : parseScript(text)
  const name = read.name ?? basename(file, extname(file))
  const project = await getProject(client, wanted)
  const found = (await findNotebooks(client, project.id)).find((notebook) => notebook.name === name)
  if (found) {
    const { id, revision } = found
    await client.call('createNotebookVersion', {
      params: { id },
      body: { message: `Before push of ${basename(file)}` },
    })
    const change = {
      cells: read.cells,
      ...(read.kind ? { kind: read.kind } : {}),
      ...(read.tags ? { tags: read.tags } : {}),
    }
    await client.call('updateNotebook', { params: { id }, body: change, revision })
    print(context, `${file} -> ${id} (replaced)`)
    return
  }
  const made = await client.call('importNotebook', {
    query: { project: project.id, name },
    raw: text,
    mediaType: /\.ipynb$/i.test(file) ? 'application/x-ipynb+json' : 'text/typescript',
  })
  print(context, `${file} -> ${made.id} (new)`)
  for (const notice of made.notices) say(context, `  ${notice}`)
}

async function pushObject(context: Context, file: string): Promise<void> {
  const { client } = context
  const name = basename(file)
  const raw = await openAsBlob(file)
  const found = (await findObjects(client)).find((object) => object.name === name)
  const mediaType = 'application/octet-stream'
  const object = found
    ? await client.call('putObjectContent', {
        params: { id: found.id },
        raw,
        mediaType,
        revision: found.revision,
      })
    : await client.call('createObject', { query: { name }, raw, mediaType })
  print(context, `${file} -> ${object.id} (${found ? 'replaced' : 'new'})`)
}

export const pull: Command = {
  help: `suricate pull [NOTEBOOK...] [--project NAME] [--format ts|ipynb] [--to FOLDER] [--object NAME]

Notebooks by name or id, or all of a project; --object downloads a data object instead.`,
  async run(context, args) {
    const flags = { project: 'value', format: 'value', to: 'value', object: 'value', help: 'switch' } as const
    const { positional: wanted, own } = parseFlags(args, flags)
    const { client } = context
    const folder = String(own.get('to') ?? '.')
    const format = own.get('format') ?? 'ts'
    if (format !== 'ts' && format !== 'ipynb')
      throw new Fault(`--format is ts or ipynb, not "${String(format)}".`)
    await mkdir(folder, { recursive: true })
    const object = own.get('object')
    if (object !== undefined) {
      const found = (await findObjects(client)).find(({ id, name }) => id === object || name === object)
      if (!found) throw new Fault(`There is no object "${String(object)}".`)
      const path = join(folder, toFileName(found.name))
      const response = await download(context, client.url('getObjectContent', { params: { id: found.id } }))
      await pipeline(Readable.fromWeb(response.body! as never), createWriteStream(path))
      print(context, path)
      return 0
    }
    const notebooks =
      wanted.length > 0
        ? await Promise.all(wanted.map((name) => getNotebook(client, name)))
        : await findNotebooks(client, (await getProject(client, own.get('project') as string | undefined)).id)
    for (const { id, name } of notebooks) {
      const path = join(folder, `${toFileName(name)}.${format}`)
      const response = await download(
        context,
        client.url('exportNotebook', { params: { id }, query: { format } }),
      )
      await writeFile(path, await response.text())
      print(context, path)
    }
    return 0
  },
}

async function download({ settings, signal }: Context, url: string): Promise<Response> {
  const headers = settings.token ? { authorization: `Bearer ${settings.token}` } : undefined
  const response = await fetch(url, { signal, ...(headers ? { headers } : {}) })
  if (response.ok) return response
  const { detail } = (await response.json().catch(() => ({}))) as { detail?: string }
  throw new Fault(detail ?? `HTTP ${response.status}`, 1)
}
/** No folders, nothing hidden. */
function toFileName(name: string): string {
  return name.replaceAll(/[\\/:*?"<>|\u0000-\u001f]/g, '_').replace(/^\.+/, '_')
}
