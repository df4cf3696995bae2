#!/usr/bin/env node
/**
 * Stands in for bpftrace, which needs root and a kernel: called as `-f json -B line FILE`, it prints what the real one
 * would in its documented format, every 100 ms until it is interrupted. A script that says `fail` ends with an error.
 */
import { readFileSync } from 'node:fs'

const script = readFileSync(process.argv.at(-1), 'utf8')
const tell = (type, data) => process.stdout.write(`${JSON.stringify({ type, data })}\n`)
if (script.includes('"fail"')) {
  process.stderr.write('stdin:1:1-5: ERROR: the kernel refused it\n')
  process.exit(1)
}
tell('attached_probes', { probes: 2 })
let round = 0
const timer = setInterval(() => {
  round++
  tell('map', { '@calls': { node: 5, bash: 3, 'my proc': 1 } })
  tell('map', { '@bytes': { 'node,10.0.0.5': 512 * round, 'bash,10.0.0.6': 64 } })
  tell('hist', {
    '@us': {
      node: [
        { min: 1, max: 1, count: 1 },
        { min: 8, max: 15, count: round },
      ],
    },
  })
  if (round === 1) tell('printf', 'first round\n')
}, 100)
process.on('SIGINT', () => {
  clearInterval(timer)
  tell('lost_events', { events: 2 })
})
