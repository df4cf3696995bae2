/** The ingest process's entry: its parent speaks to it through standard input and output. */
import { runIngest } from '../runtime/stream/ingest.ts'

// The terminal's interrupt reaches the whole group: the parent decides when this process stops.
process.on('SIGINT', () => undefined)
runIngest(process.stdin, process.stdout).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  },
)
