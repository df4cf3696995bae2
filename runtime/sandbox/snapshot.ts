/**
 * The toolkit as a V8 snapshot, so that a fresh isolate has it in milliseconds. Made by the build from our own bundle,
 * never from anything that a user wrote: a snapshot is code. One that another Node, machine or addon made would end
 * the process that opens it, so a key lies beside it, and a snapshot whose key is not this process's is as good as
 * none (the child then evaluates toolkit.js).
 */
import { createHash } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'

/** Makes toolkit.snapshot from toolkit.js in this folder; false when the one that is there fits. */
export async function makeSnapshot(folder: string): Promise<boolean> {
  if (await maybeSnapshot(folder)) return false
  const code = await readFile(join(folder, 'toolkit.js'), 'utf8')
  const { default: ivm } = await import('isolated-vm')
  // Under a warm-up of what every notebook with the toolkit calls first, its functions are compiled beforehand.
  const snapshot = ivm.Isolate.createSnapshot([{ code, filename: 'toolkit.js' }], warmUp)
  const bytes = new Uint8Array(snapshot.copy() as ArrayBuffer)
  await replace(join(folder, 'toolkit.snapshot'), bytes)
  await replace(
    join(folder, 'toolkit.snapshot.json'),
    JSON.stringify({ key: toKey(code), sha256: toHash(bytes) }),
  )
  return true
}

const warmUp = `{
  const frame = new dfd.DataFrame({ a: [1, 2, 3], b: [4, 5, 6] })
  frame.mean().values
  const random = learn.random(1)
  const X = Array.from({ length: 8 }, () => [random.normal(), random.normal()])
  learn.isolationForest.score(learn.isolationForest.fit(X, { trees: 2 }), X)
}`

/** The path of a snapshot that this Node can open. */
export async function maybeSnapshot(folder: string): Promise<string | undefined> {
  const path = join(folder, 'toolkit.snapshot')
  try {
    const known = JSON.parse(await readFile(`${path}.json`, 'utf8')) as { key: string; sha256: string }
    const code = await readFile(join(folder, 'toolkit.js'), 'utf8')
    if (known.key !== toKey(code) || known.sha256 !== toHash(await readFile(path))) return undefined
    return path
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return undefined
    throw error
  }
}

function toKey(code: string): string {
  const addon = createRequire(import.meta.url)('isolated-vm/package.json') as { version: string }
  const { versions, arch, platform } = process
  return toHash(JSON.stringify([versions.v8, versions.node, arch, platform, addon.version, warmUp, code]))
}

function toHash(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

async function replace(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`
  await writeFile(temporary, content)
  await rename(temporary, path)
}
