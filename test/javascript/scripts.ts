/**
 * Runs each script as Node runs a module: JSON of a list of texts in on stdin, JSON of what each told out on stdout.
 */
import { text } from 'node:stream/consumers'
import { runInThisContext } from 'node:vm'
import { prelude } from './told.ts'

const scope = globalThis as unknown as { out: string[]; last: unknown; show(value: unknown): string }
runInThisContext(prelude)
const told: string[][] = []
for (const script of JSON.parse(await text(process.stdin)) as string[]) {
  scope.out = []
  scope.last = undefined
  try {
    // A module of the same text would not run again.
    const source = `${script}\n// ${told.length}`
    await import(`data:text/javascript,${encodeURIComponent(source)}`)
    scope.out.push(`= ${scope.show(scope.last)}`)
  } catch (error) {
    scope.out.push(`! ${String(error)}`)
  }
  told.push(scope.out)
}
process.stdout.write(JSON.stringify(told))
