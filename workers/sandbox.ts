/** The sandbox child: bundled into one file and started by runtime/sandbox in a folder that holds all it may read. */
import { startChild } from '../runtime/sandbox/child/child.ts'

await startChild(import.meta.dirname)
