/**
 * The ingest process as it is, but for its measure of the disk: where a file `free` lies in the data folder, it tells
 * how many bytes are left, so that a full disk can be had without filling one.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runIngest } from '../../runtime/stream/ingest.ts'
import { watchRoom } from '../../runtime/stream/room.ts'

const plenty = 1e12
const everyMs = 200

process.on('SIGINT', () => undefined)
await runIngest(process.stdin, process.stdout, (folder, onChange) =>
  watchRoom(
    folder,
    onChange,
    async (data) => {
      const text = await readFile(join(data, 'free'), 'utf8').catch(() => '')
      return text === '' ? plenty : Number(text)
    },
    everyMs,
  ),
)
process.exit(0)
