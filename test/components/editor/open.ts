/** A language service as the worker has it, with the declarations that the build makes. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLanguage } from '../../../components/editor/language/answers.ts'
import { createChecker } from '../../../components/editor/language/check.ts'
import { libraryUses, type Library } from '../../../components/editor/language/library.ts'
import type { Fault, Language, ProgramCell } from '../../../components/editor/language/protocol.ts'
import { openService } from '../../../components/editor/language/service.ts'
import { buildTypes } from '../../../components/editor/types.build.ts'
import { sdkDeclarations } from '../../../runtime/sdk/declarations.ts'

export interface Opened {
  language: Language
  set(...cells: [source: string, type?: ProgramCell['type']][]): void
  /** `cell: the text that is marked: message`. */
  check(first?: string[]): Promise<string[]>
  told(): Fault[]
}
const workspace = `declare module 'suricate' {
  interface KnownObjects { temps: { timestamp: 'time'; value: 'number'; host: 'text' } }
  interface KnownStreams { live: { at: string; value: number } }
  interface KnownModels { detector: { features: [{ name: 'value' }] } }
  interface KnownQueries { 'select * from temps where value > $1': { timestamp: 'time'; value: 'number' } }
}`

export async function buildLibraries(): Promise<{ [name: string]: Library }> {
  const folder = mkdtempSync(join(tmpdir(), 'suricate-libraries-'))
  try {
    const made = await buildTypes(join(import.meta.dirname, '../../..'), folder)
    return Object.fromEntries(
      made.map(({ name }) => [
        name,
        JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Library,
      ]),
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export function open(libraries: { [name: string]: Library }, names: string[]): Opened {
  const service = openService()
  for (const name of ['es', ...names])
    service.addLibrary(name, libraries[name]!, libraryUses[name]?.globals ?? '')
  service.setDeclarations('sdk', sdkDeclarations())
  service.setDeclarations('workspace', workspace)
  const language = createLanguage(service)
  const faults = new Map<string, Fault[]>()
  const checker = createChecker(
    service,
    (event) => {
      if (event.type === 'faults') faults.set(event.cell, event.faults)
    },
    () => Promise.resolve(),
  )
  let version = 0
  return {
    language,
    set: (...cells) =>
      service.setCells(cells.map(([source, type = 'typescript'], i) => ({ id: `c${i + 1}`, type, source }))),
    async check(first = []) {
      await checker.check(++version, first)
      return service
        .cells()
        .flatMap(({ id, source }) =>
          (faults.get(id) ?? []).map(
            (fault) => `${id}: ${source.slice(fault.start, fault.start + fault.length)}: ${fault.message}`,
          ),
        )
    },
    told: () => [...faults.values()].flat(),
  }
}
