/** The wrapper of tools (tool.ts), probed at the first use: most servers never need one. */
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openFolder } from './folder.ts'
import { openWrapper, type Wrapper } from './wrapper.ts'

export function createToolWrapper(buildDir?: string): () => Promise<Wrapper> {
  const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
  let wrapper: Promise<Wrapper> | undefined
  return () =>
    (wrapper ??= openFolder(buildDir ?? join(root, 'build/guest'))
      .then(({ node }) => openWrapper(node))
      .catch((error: unknown) => {
        wrapper = undefined
        throw error
      }))
}
