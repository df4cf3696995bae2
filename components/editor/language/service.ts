/**
 * The language service over a notebook: TypeScript (as Monaco's package has it) sees one file, the program that
 * virtual.ts makes of the cells, and declarations. Answers are in places of cells. Pure of the worker around it, so
 * that tests ask it directly.
 */
import {
  typescript as ts,
  type LanguageService,
  type Snapshot,
} from 'monaco-editor/languages/features/typescript/lib/typescriptServices.js'
import { resolveIn, type Library } from './library.ts'
import type { ProgramCell } from './protocol.ts'
import { toPiece, toVirtual, type Piece, type VirtualProgram } from './virtual.ts'

export const programFile = '/notebook.ts'
const formatFile = '/format.ts'
const options = {
  target: 99,
  module: 99,
  moduleResolution: 100,
  moduleDetection: 3,
  lib: ['lib.esnext.d.ts'],
  strict: true,
  noImplicitAny: false,
  allowUnreachableCode: true,
  allowUnusedLabels: true,
  allowImportingTsExtensions: true,
  skipLibCheck: true,
  noEmit: true,
  types: [] as string[],
}

export interface Service {
  language: LanguageService
  virtual(): VirtualProgram
  cells(): readonly ProgramCell[]
  setCells(cells: ProgramCell[]): void
  setDeclarations(name: string, text: string): void
  addLibrary(name: string, library: Library, globals: string): void
  libraries(): ReadonlySet<string>
  isBroken(id: string): boolean
  /** The text of a file of declarations. */
  text(file: string): string | undefined
  /** For the formatter alone: a text that is no part of the program. */
  setFormatted(text: string): string
}

export function openService(): Service {
  const files = new Map<string, { text: string; version: number }>()
  const declared = new Set<string>([programFile])
  const libraries = new Map<string, Library>()
  const pieces = new Map<string, { source: string; type: string; piece: Piece }>()
  let cells: ProgramCell[] = []
  let virtual = toVirtual([])
  let version = 0
  const put = (name: string, text: string): void => {
    if (files.get(name)?.text === text) return
    files.set(name, { text, version: ++version })
  }
  put(programFile, virtual.text)
  const has = (path: string): boolean => files.has(path)
  const language = ts.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => [...declared],
    getScriptVersion: (name) => String(files.get(name)?.version ?? 0),
    getScriptSnapshot: (name) => {
      const file = files.get(name)
      return file && toSnapshot(file.text)
    },
    getCurrentDirectory: () => '/',
    getDefaultLibFileName: () => '/lib/lib.esnext.d.ts',
    getProjectVersion: () => String(version),
    fileExists: has,
    readFile: (path) => files.get(path)?.text,
    resolveModuleNameLiterals: (literals, containing) =>
      literals.map(({ text }) => {
        const path = resolveIn(libraries.values(), has, text, containing)
        if (path === undefined) return { resolvedModule: undefined }
        const extension = /\.d\.m?ts$/.exec(path)?.[0] ?? '.ts'
        return { resolvedModule: { resolvedFileName: path, extension, isExternalLibraryImport: true } }
      }),
  })
  return {
    language,
    virtual: () => virtual,
    cells: () => cells,
    setCells(next) {
      cells = next
      const present = new Set(next.map((cell) => cell.id))
      for (const id of pieces.keys()) if (!present.has(id)) pieces.delete(id)
      const placed = next.flatMap((cell) => {
        if (cell.type !== 'typescript' && cell.type !== 'sql') return []
        const known = pieces.get(cell.id)
        if (known && known.source === cell.source && known.type === cell.type)
          return { id: cell.id, piece: known.piece }
        const piece = toPiece(cell, (text) => findSyntaxFaults(text).length > 0)
        pieces.set(cell.id, { source: cell.source, type: cell.type, piece })
        return { id: cell.id, piece }
      })
      virtual = toVirtual(placed)
      put(programFile, virtual.text)
    },
    setDeclarations(name, text) {
      const file = `/${name}.d.ts`
      declared.add(file)
      put(file, text)
    },
    addLibrary(name, library, globals) {
      libraries.set(name, library)
      for (const [path, text] of Object.entries(library.files)) put(path, text)
      if (globals) this.setDeclarations(`use-${name}`, globals)
      version++
    },
    libraries: () => new Set(libraries.keys()),
    isBroken: (id) => pieces.get(id)?.piece.broken ?? false,
    text: (file) => files.get(file)?.text,
    setFormatted(text) {
      put(formatFile, text)
      return formatFile
    },
  }
}

const ending = '\nexport {}'
/** What is wrong with a cell's text by itself, in places of the cell. */
export function findSyntaxFaults(
  source: string,
): { start: number; length: number; message: string; code: number }[] {
  const { parseDiagnostics } = ts.createSourceFile('/cell.ts', source + ending, {
    languageVersion: 99,
    setExternalModuleIndicator: (file: { externalModuleIndicator?: unknown }) => {
      file.externalModuleIndicator = true
    },
  })
  return parseDiagnostics.map(({ start = 0, length = 1, code, messageText }) => {
    const at = Math.min(start, Math.max(0, source.length - 1))
    return {
      start: at,
      length: Math.max(1, Math.min(length, source.length - at)),
      message: ts.flattenDiagnosticMessageText(messageText, '\n'),
      code,
    }
  })
}

/** With the one stretch that differs from another text, so that parsing starts from the last tree. */
function toSnapshot(text: string): Snapshot {
  return {
    getText: (start, end) => text.slice(start, end),
    getLength: () => text.length,
    getChangeRange(old) {
      const before = old.getText(0, old.getLength())
      const most = Math.min(before.length, text.length)
      let head = 0
      while (head < most && before.charCodeAt(head) === text.charCodeAt(head)) head++
      let tail = 0
      while (
        tail < most - head &&
        before.charCodeAt(before.length - 1 - tail) === text.charCodeAt(text.length - 1 - tail)
      )
        tail++
      return {
        span: { start: head, length: before.length - head - tail },
        newLength: text.length - head - tail,
      }
    },
  }
}
