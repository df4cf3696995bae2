/**
 * The scripts of imported modules, between the guest that asks and the parent that has a project's packages. What lies
 * in our own bundle is answered here.
 */
import { toolkitModules } from '../../guest/module-names.ts'

export interface Script {
  specifier: string
  /** undefined: of the toolkit. */
  code: string | undefined
}
export interface Asked {
  /** What the guest asks for, when it is here; otherwise the parent is to be asked. */
  take(id: number, args: string): Script | undefined
  /** The parent's answer to an import that has a script. */
  answered(id: number, ok: boolean, parts: readonly Uint8Array[]): Script | undefined
  /** Of an execution that has ended. */
  clear(): void
}

export function createAsked(own: ReadonlyMap<string, Buffer>): Asked {
  const asked = new Map<number, string>()
  return {
    take(id, args) {
      const specifier = (JSON.parse(args) as [string])[0]
      if (Object.hasOwn(toolkitModules, specifier)) return { specifier, code: undefined }
      const code = own.get(specifier)
      if (code) return { specifier, code: code.toString() }
      asked.set(id, specifier)
      return undefined
    },
    answered(id, ok, parts) {
      const specifier = asked.get(id)
      asked.delete(id)
      const code = parts[1]
      if (specifier === undefined || !ok || !code) return undefined
      return { specifier, code: Buffer.from(code).toString() }
    },
    clear: () => asked.clear(),
  }
}
