/**
 * Runs a file of window cases, in the form of window-vectors.json: each as it is and saved and restored after every
 * input. A line per case, then `N passed, N failed`.
 */
import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { toMessage } from '../../runtime/error.ts'
import { runVector, type Vector } from './vector.ts'

function judge(vector: Vector): string | undefined {
  if (vector.expectedError !== undefined) {
    try {
      runVector(vector, false)
    } catch (error) {
      const message = toMessage(error)
      return message.includes(vector.expectedError)
        ? undefined
        : `said "${message}", not "${vector.expectedError}"`
    }
    return `was accepted; expected "${vector.expectedError}"`
  }
  for (const restart of [false, true]) {
    const got = runVector(vector, restart)
    if (isDeepStrictEqual(got, vector.expected)) continue
    return `${restart ? 'restored after every input: ' : ''}got ${JSON.stringify(got)}, not ${JSON.stringify(vector.expected)}`
  }
  return undefined
}

const [file] = process.argv.slice(2)
if (file === undefined) {
  console.error('Say which file of cases to run: npm run vectors -- FILE.json')
  process.exit(2)
}
const content = JSON.parse(readFileSync(file, 'utf8')) as { vectors: Vector[] } | Vector[]
let failed = 0
const vectors = Array.isArray(content) ? content : content.vectors
for (const vector of vectors) {
  let fault: string | undefined
  try {
    fault = judge(vector)
  } catch (error) {
    fault = `threw ${toMessage(error)}`
  }
  if (fault !== undefined) failed++
  console.log(
    `${fault === undefined ? 'ok  ' : 'FAIL'} ${vector.id} ${vector.title ?? ''}${fault === undefined ? '' : `\n     ${fault}`}`,
  )
}
console.log(`${vectors.length - failed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
