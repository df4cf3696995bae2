/**
 * The language worker: keeps the notebook's program, loads the declarations of libraries when the text first mentions
 * them, answers what the page asks and tells faults. It holds one notebook, the one that its page shows.
 */
import { createLanguage } from './answers.ts'
import { createChecker } from './check.ts'
import { findLibraries, libraryUses, type Library } from './library.ts'
import type { FromWorker, ProgramCell, ToWorker } from './protocol.ts'
import { openService } from './service.ts'

const scope = globalThis as unknown as {
  onmessage: ((event: { data: ToWorker }) => void) | null
  postMessage(event: FromWorker): void
}
const service = openService()
const language = createLanguage(service)
const checker = createChecker(service, (event) => scope.postMessage(event), pause)
const known = new Map<string, ProgramCell>()
const asked = new Set<string>()
let check: { version: number; first: string[] } = { version: 0, first: [] }

const ready = load('es')

async function load(name: string): Promise<void> {
  asked.add(name)
  try {
    const response = await fetch(`/vendor/types/${name}.json`)
    if (!response.ok) throw new Error(`status ${response.status}`)
    service.addLibrary(name, (await response.json()) as Library, libraryUses[name]?.globals ?? '')
  } catch (error) {
    asked.delete(name)
    console.warn(`The types of ${name} did not load: ${String(error)}`)
  }
}

/** Lets the messages that wait come first. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(null)
  })
}

async function setCells(order: readonly string[], changed: readonly ProgramCell[]): Promise<void> {
  for (const cell of changed) known.set(cell.id, cell)
  const cells = order.flatMap((id) => known.get(id) ?? [])
  const present = new Set(order)
  for (const id of known.keys()) if (!present.has(id)) known.delete(id)
  service.setCells(cells)
  const wanted = findLibraries(changed.map((cell) => cell.source).join('\n'), asked)
  if (wanted.length === 0) return
  await ready
  await Promise.all(wanted.map(load))
  await recheck()
}
async function recheck(): Promise<void> {
  await ready
  await checker.check(check.version, check.first)
}

scope.onmessage = ({ data }) => {
  switch (data.type) {
    case 'cells':
      return void setCells(data.order, data.changed)
    case 'declarations':
      service.setDeclarations(data.name, data.text)
      return void recheck()
    case 'check':
      check = data
      return void recheck()
    case 'ask':
      return void ready.then(() => answer(data.id, data.method, data.given))
  }
}

function answer(id: number, method: keyof typeof language, given: unknown[]): void {
  try {
    const ask = language[method] as (...given: unknown[]) => unknown
    scope.postMessage({ type: 'answer', id, value: ask(...given) })
  } catch (error) {
    scope.postMessage({ type: 'failed', id, message: error instanceof Error ? error.message : String(error) })
  }
}
