/** A process that speaks the child's protocol as a test wants it: any bytes, in answer to the first cell or before. */
import { spawn } from 'node:child_process'
import { interactiveLimits } from '../../runtime/sandbox/limits.ts'
import { openProcess, type SandboxProcess } from '../../runtime/sandbox/process.ts'

const prelude = `
const send = (header, ...parts) => {
  const bytes = parts.map((part) => Buffer.from(part))
  const json = Buffer.from(JSON.stringify(parts.length ? { ...header, parts: bytes.map((b) => b.length) } : header))
  raw(bytes.reduce((sum, b) => sum + b.length, json.length), json.length, json, ...bytes)
}
const raw = (length, jsonLength, ...bytes) => {
  const start = Buffer.alloc(8)
  start.writeUInt32LE(length >>> 0, 0)
  start.writeUInt32LE(jsonLength >>> 0, 4)
  process.stdout.write(Buffer.concat([start, ...bytes]))
}
const end = (execution, detail = {}, ...rest) =>
  send({ type: 'end', execution, status: 'ok', cpuMs: 1, alive: true }, JSON.stringify(detail), ...rest)
const onRun = (work) => {
  let held = Buffer.alloc(0)
  let seen = 0
  process.stdin.on('data', (chunk) => {
    held = Buffer.concat([held, chunk])
    while (held.length >= 8 && held.length >= 8 + held.readUInt32LE(0)) {
      const header = JSON.parse(held.subarray(8, 8 + held.readUInt32LE(4)))
      held = held.subarray(8 + held.readUInt32LE(0))
      if (header.type === 'run') work(header.execution, ++seen)
    }
  })
}
process.stdin.on('end', () => process.exit(0))
send({ type: 'ready' })
`

export function openFakeChild(code: string): SandboxProcess {
  return openProcess(
    { path: '', node: '', child: '' },
    { mode: 'none', missing: [], toCommand: (command) => command },
    interactiveLimits,
    () => spawn(process.execPath, ['-e', prelude + code], { stdio: ['pipe', 'pipe', 'pipe'] }),
  )
}
