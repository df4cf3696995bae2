/** The tables that SQL can name, as the types know them: objects and streams of the workspace, variables of the notebook. */
import {
  typescript as ts,
  type Type,
  type TypeChecker,
} from 'monaco-editor/languages/features/typescript/lib/typescriptServices.js'
import type { KnownTable } from './protocol.ts'
import { programFile, type Service } from './service.ts'

const maxTables = 1000

export function findTables(service: Service): KnownTable[] {
  const program = service.language.getProgram()
  const file = program?.getSourceFile(programFile)
  if (!program || !file) return []
  const checker = program.getTypeChecker()
  const known = (name: string, kind: KnownTable['kind']): KnownTable[] => {
    const symbol = checker.resolveName(name, undefined, ts.SymbolFlags.Type, false)
    if (!symbol) return []
    return checker
      .getDeclaredTypeOfSymbol(symbol)
      .getProperties()
      .map((property) => ({
        name: property.name,
        kind,
        columns: toColumns(checker, checker.getTypeOfSymbol(property)),
      }))
  }
  const tables = [...known('SuricateObjects', 'object'), ...known('SuricateStreams', 'stream')]
  for (const symbol of file.locals?.values() ?? []) {
    if (!symbol.valueDeclaration || tables.length >= maxTables) continue
    const columns = toVariableColumns(checker, checker.getTypeOfSymbol(symbol))
    if (columns) tables.push({ name: symbol.name, kind: 'variable', columns })
  }
  return tables.slice(0, maxTables)
}

function toColumns(checker: TypeChecker, type: Type): KnownTable['columns'] {
  return type.getProperties().map((property) => {
    const found = checker.getTypeOfSymbol(property)
    const text = found.flags & ts.TypeFlags.StringLiteral ? String(found.value) : checker.typeToString(found)
    return { name: property.name, type: text }
  })
}
/** The columns of a table or of an array of rows; undefined for what is neither. */
function toVariableColumns(checker: TypeChecker, type: Type): KnownTable['columns'] | undefined {
  const name = type.aliasSymbol?.name ?? type.symbol?.name
  if (name === 'Table') return []
  if (name !== 'TableOf' && name !== 'Array') return undefined
  const [argument] = type.aliasTypeArguments ?? checker.getTypeArguments(type)
  if (!argument) return undefined
  const columns = toColumns(checker, argument)
  return name === 'Array' && (columns.length === 0 || argument.symbol?.name === 'Array') ? undefined : columns
}
